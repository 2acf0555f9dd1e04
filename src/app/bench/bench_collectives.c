/* A training run by the settings, as rank 0 of so many ranks would do it, in a folder that is removed. */
#include "app/bench/alike_comm.h"
#include "app/bench/bench.h"
#include "app/run/train.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static mg_status train(const mg_bench *bench, mg_comm *comm, const char *folder) {
  mg_app app = *bench->app;
  app.comm = comm;
  app.log = mg_log_open(NULL, 0); /* returns of episodes that nobody ran */
  const mg_train_order order = {.settings = bench->settings, .folder = folder};
  return mg_train_run(&app, &order);
}

/* mg_train_run has closed it. */
static void remove_run(const char *folder) {
  static const char *const files[] = {"config.ini", "curves.h5",   "checkpoint.h5",
                                      "log.txt",    "result.json", "checkpoint.h5.previous"};
  const mg_run_folder made = {.lock.file = -1};
  mg_run_folder of = made;
  snprintf(of.path, sizeof of.path, "%s", folder);
  for (size_t k = 0; k < sizeof files / sizeof *files; k++) mg_run_folder_remove(&of, files[k]);
  rmdir(folder);
}

/* 0 if there is none. */
static int64_t checkpoint_size(const char *folder) {
  char path[MG_FOLDER_PATH_MAX + 16];
  struct stat info;
  snprintf(path, sizeof path, "%s/checkpoint.h5", folder);
  return stat(path, &info) == 0 ? (int64_t)info.st_size : 0;
}

static mg_status write_list(const mg_alike *alike, int64_t checkpoint, const char *path) {
  FILE *file = fopen(path, "w");
  if (!file) return mg_fail(MG_ERR_CREATE, "%s: %s", path, strerror(errno));
  mg_alike_print(alike, checkpoint, file);
  const bool wrote = !ferror(file);
  if (fclose(file) == 0 && wrote) return MG_OK;
  return mg_fail(MG_ERR_IO, "%s: cannot be written: %s", path, strerror(errno));
}

static void summarise(const mg_alike *alike, mg_bench_result *result) {
  result->title = "what rank 0 has to do between collectives, processor time of the last of each";
  result->bare = "nothing; all that the others would send is not there";
  for (int k = 0; k < MG_PHASES; k++) {
    const mg_phase_sums sums = mg_phase_sum(mg_alike_phase(alike, (mg_phase)k));
    mg_bench_add(result, "s", sums.seconds, NAN, NAN, "%s: %d collectives of %.3g MB",
                 mg_phase_name((mg_phase)k), sums.collectives, 1e-6 * sums.bytes);
  }
}

mg_status mg_bench_collectives(const mg_bench *bench, mg_bench_result *result) {
  if (bench->app->comm->size > 1)
    return mg_fail(MG_ERR_USAGE, "bench collectives: of ranks that are not there (--ranks); run it "
                                 "alone, without a launcher");
  if (!bench->output)
    return mg_fail(MG_ERR_USAGE, "bench collectives: --output FILE is missing, for their list");
  char folder[MG_FOLDER_PATH_MAX];
  const int length = snprintf(folder, sizeof folder, "%s.run", bench->output);
  if (length < 0 || (size_t)length >= sizeof folder)
    return mg_fail(MG_ERR_CREATE, "--output: a path of %d bytes; expected fewer than %zu", length,
                   sizeof folder);
  mg_alike alike;
  mg_alike_begin(&alike, bench->ranks);
  mg_failure failure = {0};
  mg_failure_note(&failure, train(bench, &alike.comm, folder));
  const int64_t checkpoint = checkpoint_size(folder);
  if (failure.status == MG_OK) remove_run(folder);
  if (alike.refused) mg_failure_note(&failure, mg_fail(MG_ERR_MEMORY, "no memory for the list"));
  if (failure.status == MG_OK)
    mg_failure_note(&failure, write_list(&alike, checkpoint, bench->output));
  if (failure.status == MG_OK) summarise(&alike, result);
  mg_alike_end(&alike);
  return mg_failure_again(&failure);
}
