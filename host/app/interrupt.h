// interrupt.h — Ctrl-C and SIGTERM: the first asks the run to end after the row in hand, the second
// ends the process as if nothing had been caught.
#pragma once

namespace gpubench {

void catch_interrupts();
/// The signal that came; 0: none.
int interrupt_signal();

}  // namespace gpubench
