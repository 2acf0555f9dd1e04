#include "envs/mujoco/mujoco_guard.h"

#include <mujoco/mujoco.h>

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

static _Thread_local jmp_buf *error_target;
static _Thread_local char error_text[256];

static void on_error(const char *message) {
  snprintf(error_text, sizeof error_text, "%s", message);
  if (error_target) longjmp(*error_target, 1);
  /* Outside of guarded calls there is nowhere to go on from. */
  fprintf(stderr, "MuJoCo: %s\n", message);
  abort();
}

static void on_warning(const char *message) {
  (void)message;
}

void mg_mujoco_guard_install(void) {
  mju_user_error = on_error;
  mju_user_warning = on_warning;
  error_text[0] = '\0';
}

bool mg_mujoco_guarded(void (*body)(void *), void *argument) {
  jmp_buf here;
  jmp_buf *volatile outer = error_target;
  error_target = &here;
  bool ok = setjmp(here) == 0;
  if (ok) body(argument);
  error_target = outer;
  return ok;
}

const char *mg_mujoco_error(void) {
  return error_text;
}
