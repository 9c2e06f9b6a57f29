#include "app/interrupt.h"

#include <signal.h>

#include <atomic>

namespace gpubench {
namespace {

// A lock-free atomic is all that a handler may touch.
std::atomic<int> caught_signal{0};
static_assert(std::atomic<int>::is_always_lock_free);

extern "C" void on_interrupt(int number) {
  caught_signal.store(number);
}

}  // namespace

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

int interrupt_signal() {
  return caught_signal.load();
}

}  // namespace gpubench
