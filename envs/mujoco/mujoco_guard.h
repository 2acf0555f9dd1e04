/* MuJoCo's errors, which must not end the process: its handler may not return, so it jumps back to
 * where the call was made. */
#ifndef MG_ENVS_MUJOCO_GUARD_H
#define MG_ENVS_MUJOCO_GUARD_H

#include <stdbool.h>

/* Hooks MuJoCo's handlers. Warnings go nowhere: they are counted in mjData. */
void mg_mujoco_guard_install(void);

/* Runs body(argument); false if MuJoCo raised an error in it. What the body had acquired by then is
 * lost. Nests; each thread has its own. */
bool mg_mujoco_guarded(void (*body)(void *), void *argument);

/* The last error of this thread; "": none. */
const char *mg_mujoco_error(void);

#endif
