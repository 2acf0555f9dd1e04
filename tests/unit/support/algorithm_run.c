#include "support/algorithm_run.h"

#include "files/checkpoint/checkpoint.h"
#include "support/scratch_folder.h"
#include "support/tiny_run.h"

#include <criterion/criterion.h>
#include <string.h>

void run_prepare(run *r, const mg_settings *settings) {
  memset(r, 0, sizeof *r);
  r->settings = *settings;
  r->comm = mg_comm_self();
  r->log = mg_log_open(NULL, 0);
  r->context = (mg_context){&r->settings, &r->comm, &r->log, mg_arena_create()};
}

void run_start(run *r, const mg_settings *settings) {
  run_prepare(r, settings);
  const mg_algorithm_class *class_ = mg_algorithm_find(settings->run.algorithm);
  cr_assert_not_null(class_, "%s", settings->run.algorithm);
  const mg_status status = mg_algorithm_create(class_, &r->context, &r->algorithm);
  cr_assert_eq(status, MG_OK, "%s", mg_status_message());
}

void run_stop(run *r) {
  mg_algorithm_destroy(r->algorithm);
  mg_arena_destroy(r->context.arena);
}

mg_metrics run_iterate(run *r, int times) {
  mg_metrics metrics = {0};
  for (int i = 0; i < times; i++)
    cr_assert_eq(mg_algorithm_iterate(r->algorithm, &metrics), MG_OK, "%s", mg_status_message());
  return metrics;
}

void run_visit(run *r, const char *file, bool load) {
  mg_archive *archive = NULL;
  const mg_status status = load ? mg_checkpoint_open(file, &r->comm, &archive)
                                : mg_checkpoint_create(file, &r->comm, &archive);
  cr_assert_eq(status, MG_OK, "%s", mg_status_message());
  mg_algorithm_visit(r->algorithm, archive);
  cr_assert_eq(mg_checkpoint_close(archive), MG_OK, "%s", mg_status_message());
}

mg_settings run_settings(const char *algorithm, const char *env_id) {
  const char *path = scratch_path("expert.h5");
  cr_assert_eq(tiny_expert(env_id, path), MG_OK, "%s", mg_status_message());
  mg_settings settings = tiny_settings(env_id, path);
  strcpy(settings.run.algorithm, algorithm);
  return settings;
}
