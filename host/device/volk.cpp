// volk.cpp — the one translation unit that holds volk's code: Vulkan is loaded at run time, so the
// program starts, and explains itself, where no loader or driver is installed.
#define VOLK_IMPLEMENTATION
#include <volk.h>
