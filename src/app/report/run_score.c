#include "app/report/run_score.h"

#include "app/run/run_read.h"
#include "base/statistics.h"
#include "envs/env.h"
#include "files/file_checksum.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A task that this program does not have has no returns. */
static mg_status look_up(const mg_collected_run *run, mg_run_known *k) {
  if (strcmp(k->task, run->task) != 0) {
    strcpy(k->task, run->task);
    k->random_return = k->reference_return = NAN;
    mg_env *env;
    const mg_status status = mg_env_create(run->task, &env);
    if (status == MG_ERR_MEMORY) return status;
    if (status == MG_OK) {
      k->random_return = mg_env_get_spec(env)->random_return;
      k->reference_return = mg_env_get_spec(env)->reference_return;
      mg_env_destroy(env);
    }
  }
  if (!k->without_checksum && strcmp(k->expert, run->expert) != 0) {
    strcpy(k->expert, run->expert);
    mg_file_checksum(run->expert, k->checksum);
  }
  return MG_OK;
}

mg_status mg_run_score(const char *folder, mg_run_known *k, mg_collected_run *run, int64_t *points,
                       mg_curve_point **point) {
  MG_TRY(mg_run_read(folder, run, points, point));
  mg_status status = look_up(run, k);
  if (status != MG_OK) {
    free(*point);
    return status;
  }
  run->random_return = k->random_return, run->reference_return = k->reference_return;
  run->score = mg_stat_score(run->result, run->random_return, run->data_return);
  run->reference_score = mg_stat_score(run->result, run->random_return, run->reference_return);
  run->steps_to_90 = mg_run_curve_first(
      *points, *point,
      run->random_return + MG_SOLVED_SCORE * (run->data_return - run->random_return));
  if (!*run->expert_checksum) strcpy(run->expert_checksum, k->checksum);
  return MG_OK;
}
