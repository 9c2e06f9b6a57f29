// sanitizer_hooks.cpp — linked into the programs of AddressSanitizer builds only: lets a leak in a
// driver be told from one of ours. Knows nothing of gpubench.

// A driver that was unloaded has no names left in a report, so none is unloaded.
extern "C" int dlclose(void* /*library*/) {
  return 0;
}

// What the loader, the drivers and the validation layer keep until the process ends.
extern "C" const char* __lsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier)
  return "leak:libvulkan\n"
         "leak:libVkLayer_\n"
         "leak:libLLVM\n";
}
