#include "app/run/train.h"

#include "app/config/config_checksum.h"
#include "app/run/demonstrations.h"
#include "base/timer.h"
#include "files/checkpoint/checkpoint.h"
#include "files/curves/run_curve.h"
#include "rollout/rank_speeds.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const double FLUSH_SECONDS = 5; /* of the curves */

double mg_train_seconds(const mg_train *train) {
  return train->seconds_before + mg_timer_now() - train->app->started;
}

void mg_train_worked(mg_train_work *work, double began) {
  const double seconds = mg_timer_now() - began;
  work->times++;
  work->seconds += seconds;
  work->unreported += seconds;
}

/* ---- set-up; everything on rank 0 alone is agreed on afterwards ---- */

static mg_status open_folder(mg_train *train) {
  if (train->app->comm->rank != 0) return MG_OK;
  const char *path = train->folder_path;
  MG_TRY(train->resume || train->anew ? mg_run_folder_reopen(path, &train->folder)
                                      : mg_run_folder_create(path, &train->folder));
  if (train->anew && !mg_run_folder_is_new(path)) /* now that no other process has it */
    return mg_fail(MG_ERR_CREATE, "%s: another process went on with it; try again", path);
  train->app->log.file = train->folder.log;
  if (*train->folder.lock.remark) mg_log_warning(&train->app->log, "%s", train->folder.lock.remark);
  char text[MG_CONFIG_SEALED_MAX];
  mg_config_seal(train->settings, text);
  return mg_run_folder_write(&train->folder, "config.ini", text);
}

static mg_status create_algorithm(mg_train *train) {
  const mg_settings *settings = train->settings;
  const mg_algorithm_class *class_ = mg_algorithm_find(settings->run.algorithm);
  train->arena = mg_arena_create();
  mg_status status =
      train->arena ? MG_OK : mg_fail(MG_ERR_MEMORY, "out of memory for the training arena");
  MG_TRY(mg_comm_agree(train->app->comm, status));
  mg_context context = {.settings = settings,
                        .comm = train->app->comm,
                        .log = &train->app->log,
                        .arena = train->arena};
  train->metrics = mg_metrics_of(class_->metrics, train->column, train->metric);
  return mg_comm_agree(train->app->comm, mg_algorithm_create(class_, &context, &train->algorithm));
}

/* continues: what came before the file, "" if nothing did. */
static mg_status create_curves(mg_train *train, const char *path, const char *continues) {
  const mg_settings *settings = train->settings;
  const mg_provenance *p = &train->provenance;
  char seed[32], ranks[32], config[MG_CONFIG_TEXT_MAX];
  snprintf(seed, sizeof seed, "%" PRId64, settings->run.seed);
  snprintf(ranks, sizeof ranks, "%d", train->app->comm->size);
  mg_config_to_text(settings, config);
  char *demonstrations;
  MG_TRY(mg_demonstrations_text(train->algorithm->expert, &demonstrations));
  const mg_attribute attributes[] = {
      {"program", p->program},
      {"git", p->git},
      {"algorithm", train->algorithm->class_->name},
      {"env_id", settings->run.env},
      {"seed", seed},
      {"ranks", ranks},
      {"host", p->host},
      {"started", p->started},
      {"simulator", p->simulator},
      {"hdf5", p->hdf5},
      {"blas", p->blas},
      {"mpi", p->mpi},
      {"compiler", p->compiler},
      {"configuration", config},
      {"demonstrations", demonstrations},
      {"wall_seconds", "since the command began: start-up, evaluations and checkpoints included; "
                       "time between the sessions of a resumed run not"},
      {"continues", continues},
  };
  mg_status status = mg_curves_create(
      path, train->metrics, train->column, settings->evaluate.episodes,
      sizeof attributes / sizeof *attributes, attributes, FLUSH_SECONDS, &train->curves);
  free(demonstrations);
  return status;
}

/* The curves of a run that goes on. Where they are lost or damaged, the checkpoint is worth more than
 * they are: a new file begins there, and the old one stays under another name. */
static mg_status reopen_curves(mg_train *train, const char *path) {
  char kept[64], continues[1400];
  mg_failure failure = {0};
  mg_failure_note(&failure,
                  mg_curves_reopen(path, train->metrics, train->column,
                                   train->settings->evaluate.episodes, train->algorithm->iteration,
                                   train->curves_known ? &train->curves_checksum : NULL,
                                   FLUSH_SECONDS, &train->curves));
  const bool there = access(path, F_OK) == 0; /* and could not be opened: not the file's fault */
  if (failure.status != MG_ERR_DATA && (failure.status != MG_ERR_NO_INPUT || there))
    return mg_failure_again(&failure);
  MG_TRY(mg_run_folder_keep(&train->folder, "curves.h5", kept, sizeof kept));
  snprintf(continues, sizeof continues, "from iteration %" PRId64 "; before it: %s%s%s",
           train->algorithm->iteration, failure.sentence, there ? "; kept as " : "",
           there ? kept : "");
  mg_log_warning(&train->app->log, "a new curves.h5 goes on %s", continues);
  return create_curves(train, path, continues);
}

/* What a run left that was stopped before its first checkpoint: no rows, so that only a file that
 * cannot be read is kept, for somebody who knows more. */
static mg_status clear_curves(mg_train *train, const char *path) {
  char kept[64];
  mg_run_curve curve;
  const bool readable = mg_run_curve_read(path, &curve) == MG_OK;
  free(curve.point);
  if (!readable) return mg_run_folder_keep(&train->folder, "curves.h5", kept, sizeof kept);
  if (unlink(path) == 0) return MG_OK;
  return mg_fail(MG_ERR_IO, "%s: cannot be removed: %s", path, strerror(errno));
}

static mg_status open_curves(mg_train *train) {
  char path[MG_FOLDER_PATH_MAX];
  if (train->app->comm->rank != 0) return MG_OK;
  MG_TRY(mg_run_folder_file(train->folder_path, "curves.h5", path, sizeof path));
  if (train->resume) return reopen_curves(train, path);
  if (train->anew) MG_TRY(clear_curves(train, path));
  return create_curves(train, path, "");
}

static mg_status restore(mg_train *train, mg_archive *archive) {
  if (!archive) return MG_OK;
  const int ranks = mg_archive_ranks(archive), now = train->app->comm->size;
  if (ranks != now)
    mg_log_line(
        &train->app->log,
        "the checkpoint is of %d %s, this is %d: the same algorithm goes on, with other bits",
        ranks, mg_plural(ranks, "rank", "ranks"), now);
  return mg_train_visit(train, archive);
}

static void announce_speeds(const mg_train *train, int environments) {
  const mg_comm *comm = train->app->comm;
  int64_t least = environments, most = 0;
  for (int rank = 0; rank < comm->size; rank++) {
    const int64_t count = mg_comm_share(comm, environments, rank).count;
    least = count < least ? count : least;
    most = count > most ? count : most;
  }
  mg_log_line(&train->app->log, "environments of a rank, by its speed: %" PRId64 " to %" PRId64,
              least, most);
}

/* Where environments do not divide evenly. */
static void announce_shares(const mg_train *train, int environments) {
  const int ranks = train->app->comm->size;
  if (environments > ranks && train->reach)
    announce_speeds(train, environments);
  else if (environments > ranks && environments % ranks != 0)
    mg_log_line(&train->app->log, "environments of a rank: %d or %d", environments / ranks,
                environments / ranks + 1);
  if (environments < ranks)
    mg_log_line(
        &train->app->log,
        "more ranks than environments: each one is on %d or more of them, which share its updates",
        ranks / environments);
}

static void announce(mg_train *train) {
  const mg_settings *s = train->settings;
  const mg_algorithm *algorithm = train->algorithm;
  mg_log *log = &train->app->log;
  mg_log_line(log, "%s on %s, seed %" PRId64 ", %d %s on %d %s, theta of %zu numbers",
              s->run.algorithm, s->run.env, s->run.seed, s->run.environments,
              mg_plural(s->run.environments, "environment", "environments"), train->app->comm->size,
              mg_plural(train->app->comm->size, "rank", "ranks"), algorithm->set->size);
  if (train->algorithm->class_->metrics & MG_OF_ROLLOUT)
    announce_shares(train, s->run.environments);
  if (train->anew)
    mg_log_line(log, "the run was stopped before its first checkpoint: it begins anew");
  if (train->resume) {
    mg_log_line(log, "resumed at iteration %" PRId64 ", %" PRId64 " steps", algorithm->iteration,
                algorithm->steps);
  }
}

static mg_status set_up(mg_train *train, mg_archive *archive) {
  mg_comm *comm = train->app->comm;
  MG_TRY(mg_comm_agree(comm, open_folder(train)));
  mg_log_line(&train->app->log, "%s (%s), %s, %s", train->provenance.program, train->provenance.git,
              train->provenance.simulator, train->provenance.started);
  MG_TRY(mg_comm_watch(comm, train->settings->run.watchdog));
  mg_comm_doing(comm, "the start");
  if (train->settings->run.shares == MG_SHARES_MEASURED)
    MG_TRY(mg_rank_speeds_measure(train->settings->run.env, &train->settings->env, comm,
                                  &train->reach));
  comm->reach = train->reach;
  MG_TRY(create_algorithm(train));
  MG_TRY(mg_evaluations_create(train->settings, comm, train->algorithm, &train->evaluations));
  MG_TRY(mg_comm_agree(comm, restore(train, archive)));
  MG_TRY(mg_comm_agree(comm, open_curves(train)));
  announce(train);
  train->progress = mg_progress_begin(mg_algorithm_pace(train->algorithm, train->settings));
  mg_train_worked(&train->starting, train->app->started);
  return MG_OK;
}

/* ---- the end ---- */

static mg_status tear_down(mg_train *train, mg_status status, bool began) {
  mg_failure failure = {0};
  mg_failure_note(&failure, status);
  mg_failure_note(&failure, mg_curves_close(train->curves));
  mg_evaluations_destroy(&train->evaluations);
  mg_algorithm_destroy(train->algorithm);
  mg_arena_destroy(train->arena);
  train->app->comm->reach = NULL;
  free(train->reach);
  if (train->app->comm->rank == 0) {
    train->app->log.file = NULL;
    mg_run_folder_close(&train->folder, !began && !train->resume && !train->anew);
  }
  mg_status first = mg_failure_again(&failure);
  return status == MG_OK ? mg_comm_agree(train->app->comm, first) : first;
}

mg_status mg_train_run(mg_app *app, const mg_train_order *order) {
  mg_train train = {.app = app,
                    .settings = order->settings,
                    .folder_path = order->folder,
                    .resume = order->archive != NULL,
                    .anew = order->anew,
                    .any_demonstrations = order->any_demonstrations,
                    .folder = {.lock.file = -1},
                    .provenance = mg_provenance_get()};
  mg_status status = set_up(&train, order->archive);
  if (order->archive) mg_checkpoint_close(order->archive); /* loading: what could fail is known */
  bool began = status == MG_OK;
  if (status == MG_OK) status = mg_train_loop(&train);
  if (status == MG_OK) status = mg_train_finish(&train);
  if (status != MG_OK && began && train.folder.log)
    fprintf(train.folder.log, "%s\n", mg_status_message());
  return tear_down(&train, status, began);
}
