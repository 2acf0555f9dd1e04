/* h5: a checkpoint of what acting needs, which `evaluate`, `record` and `info` take. */
#include "app/export/export.h"
#include "app/run/provenance.h"
#include "files/checkpoint/checkpoint.h"

#include <math.h>
#include <string.h>

static mg_status write_file(const mg_export *e, const char *path, const char *second) {
  (void)second;
  mg_run_header *header = &e->file->header;
  mg_provenance p = mg_provenance_get();
  snprintf(header->exported, sizeof header->exported, "%s", e->file->parameters);
  snprintf(header->exporter, sizeof header->exporter, "%s (%s)", p.program, p.git);
  mg_comm self = mg_comm_self();
  mg_archive *archive = NULL;
  MG_TRY(mg_checkpoint_create(path, &self, &archive));
  mg_run_header_visit(header, archive);
  mg_acting_save(&e->file->acting, e->file->theta, archive);
  return mg_checkpoint_close(archive);
}

/* The policy that the file holds, asked as `evaluate` asks it. */
static mg_status act(const mg_export *e, const char *path, const mg_portable_states *s,
                     double *heads, double *sigma) {
  mg_comm self = mg_comm_self();
  mg_arena *arena = e->file->arena;
  mg_archive *archive = NULL;
  mg_acting acting;
  MG_TRY(mg_checkpoint_open(path, &self, &archive));
  mg_failure failure = {0};
  mg_failure_note(&failure, mg_acting_load(archive, arena, &acting));
  mg_checkpoint_close(archive);
  MG_TRY(mg_failure_again(&failure));
  const mg_policy *policy = &acting.policy;
  const size_t values = (size_t)s->n * (size_t)s->actions;
  mg_mlp_tape tape = mg_mlp_tape_make(&policy->net, s->n, arena);
  mg_real *x = MG_NEW(arena, mg_real, (size_t)s->n * (size_t)policy->state_size);
  mg_real *head = MG_NEW(arena, mg_real, values);
  MG_TRY(mg_arena_status(arena));
  mg_normaliser_apply(&acting.normaliser, s->n, s->states, x);
  mg_policy_forward(policy, s->n, acting.theta, x, &tape, head);
  for (size_t i = 0; i < values; i++) heads[i] = (double)head[i];
  const mg_real *log_sigma = acting.theta + mg_policy_log_sigma_offset(policy);
  for (int i = 0; i < s->actions; i++)
    sigma[i] = policy->discrete ? 0 : (double)(mg_real)exp((double)log_sigma[i]);
  return MG_OK;
}

const mg_export_format mg_export_h5 = {.name = "h5",
                                       .ending = ".h5",
                                       .checked = "the file, loaded again",
                                       .write = write_file,
                                       .act = act};
