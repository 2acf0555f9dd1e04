#include "app/render/draw/library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

bool mg_library_open(const char *file, int n, const mg_symbol *symbols, char *why, size_t size) {
  void *library = dlopen(file, RTLD_LAZY | RTLD_GLOBAL);
  if (!library) {
    snprintf(why, size, "%s", dlerror());
    return false;
  }
  for (int i = 0; i < n; i++) {
    void *found = dlsym(library, symbols[i].name);
    if (!found) {
      snprintf(why, size, "%s has no %s", file, symbols[i].name);
      return false;
    }
    memcpy(symbols[i].pointer, &found, sizeof found); /* ISO C knows no such conversion */
  }
  return true;
}
