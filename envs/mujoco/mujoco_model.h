/* Compiled MJCF models, shared by file and counted, under a lock. */
#ifndef MG_ENVS_MUJOCO_MODEL_H
#define MG_ENVS_MUJOCO_MODEL_H

#include "base/status.h"

#include <mujoco/mujoco.h>

/* The model of assets file `name`, compiled on first use. Looked for in
 *   $MGAIL_ASSETS                              alone, if it is set
 *   <program's folder>/../share/mgail/assets   an installation, wherever it was moved
 *   envs/assets                                of the source tree
 * MG_ERR_NO_INPUT naming all places tried, or MuJoCo's complaint. */
mg_status mg_mujoco_model_acquire(const char *name, const mjModel **model);

/* Gives one acquire back; the last one frees the model. */
void mg_mujoco_model_release(const mjModel *model);

#endif
