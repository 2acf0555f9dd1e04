#include "app/run/signals.h"
#include "app/run/train.h"
#include "base/timer.h"
#include "math/vec.h"
#include "mpi/sync.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static mg_pace pace_of(const mg_train *train) {
  return mg_algorithm_pace(train->algorithm, train->settings);
}

/* Metrics of this row; all ranks waited for each other. */
static void report_work(mg_train *train, mg_metrics *metrics) {
  const struct {
    mg_train_work *work;
    int metric;
  } all[] = {{&train->starting, MG_METRIC_SECONDS_START},
             {&train->evaluating, MG_METRIC_SECONDS_EVALUATION},
             {&train->saving, MG_METRIC_SECONDS_CHECKPOINT}};
  for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
    if (all[k].work->unreported > 0)
      mg_metrics_add(metrics, all[k].metric, all[k].work->unreported, 1);
    all[k].work->unreported = 0;
  }
}

/* ---- a row of the learning curves ---- */

/* What this rank has to tell, and when it was. */
static void fill_row(mg_train *train, const mg_metrics *metrics, const double wish[MG_WISHES]) {
  enum { N = MG_METRIC_COUNT };
  mg_train_row *row = &train->row;
  for (int k = 0; k < N; k++) {
    /* A metric that was not measured may hold NaN, which 0 times is still NaN. */
    const bool measured = metrics->weight[k] != 0;
    row->sum[k] = measured ? metrics->value[k] * metrics->weight[k] : 0;
    row->sum[N + k] = metrics->weight[k];
  }
  memcpy(row->sum + 2 * N, wish, MG_WISHES * sizeof *wish);
  row->iteration = train->algorithm->iteration;
  row->steps = train->algorithm->steps;
  row->seconds = mg_train_seconds(train);
  row->pace = pace_of(train);
}

static mg_status append_row(mg_train *train, const double mean[MG_METRIC_COUNT]) {
  const mg_train_row *row = &train->row;
  double column[MG_METRIC_COUNT];
  for (int k = 0; k < train->metrics; k++) column[k] = mean[train->metric[k]];
  return mg_curves_append(train->curves, row->iteration, row->steps, row->seconds, column);
}

/* With all ranks' sums; adds their wishes. MG_OK but where a rank has failed. */
static mg_status take_row(mg_train *train, mg_status *carried, double wish[MG_WISHES]) {
  enum { N = MG_METRIC_COUNT };
  mg_train_row *row = &train->row;
  double mean[N];
  row->on_way = false;
  for (int k = 0; k < N; k++) mean[k] = row->sum[N + k] != 0 ? row->sum[k] / row->sum[N + k] : NAN;
  for (int k = 0; k < MG_WISHES; k++) wish[k] += row->sum[2 * N + k];
  if (wish[MG_WISH_FAILED] > 0) return mg_comm_agree(train->app->comm, *carried);
  if (train->curves && *carried == MG_OK) *carried = append_row(train, mean);
  if (*carried == MG_OK) *carried = mg_file_lock_touch(&train->folder.lock);
  mg_progress_show(&train->progress, &train->app->log, row->pace, mean[MG_METRIC_EPISODE_RETURN],
                   mg_evaluations_last(&train->evaluations));
  return MG_OK;
}

static mg_status await_row(mg_train *train, mg_status *carried, double wish[MG_WISHES]) {
  if (!train->row.on_way) return MG_OK;
  mg_comm_end_sum(train->app->comm, train->row.sum);
  return take_row(train, carried, wish);
}

/* The row of this iteration, and with overlap of the one before it: its own then only where ranks have to meet, or a
 * wish has come that they meet for. */
static mg_status tell(mg_train *train, const mg_metrics *metrics, const double own[MG_WISHES],
                      bool meet, mg_status *carried, double wish[MG_WISHES]) {
  mg_comm *comm = train->app->comm;
  mg_train_row *row = &train->row;
  if (!train->settings->run.overlap) {
    fill_row(train, metrics, own);
    mg_comm_reduce_f64(comm, MG_REDUCE_SUM, row->sum, MG_TOLD);
    return take_row(train, carried, wish);
  }
  MG_TRY(await_row(train, carried, wish));
  fill_row(train, metrics, own);
  mg_comm_begin_sum_f64(comm, row->sum, MG_TOLD, row->scratch);
  row->on_way = true;
  if (!meet && wish[MG_WISH_STOP] == 0 && wish[MG_WISH_SAVE] == 0) return MG_OK;
  mg_algorithm_settle(train->algorithm);
  return await_row(train, carried, wish);
}

/* ---- checks ---- */

static mg_status check_finite(const mg_algorithm *algorithm) {
  const mg_paramset *set = algorithm->set;
  if (mg_vec_all_finite(set->size, set->theta)) return MG_OK;
  for (int k = 0; k < set->slices; k++) {
    if (!mg_vec_all_finite(set->slice[k].size, mg_paramset_theta(set, k))) {
      return mg_fail(MG_ERR_INTERNAL,
                     "iteration %" PRId64 ": parameters of the %s are no longer finite; the last "
                     "checkpoint is good, lower its learning rate",
                     algorithm->iteration, set->slice[k].name);
    }
  }
  return MG_OK;
}

static bool drift_is_due(const mg_train *train) {
  const int every = train->settings->run.check_drift_every;
  return every != 0 && train->algorithm->iteration % every == 0;
}

static mg_status check_drift(mg_train *train) {
  const mg_algorithm *algorithm = train->algorithm;
  if (!drift_is_due(train)) return MG_OK;
  const mg_sync sync = mg_sync_of(train->app->comm, (mg_sync_mode)train->settings->run.sync);
  if (mg_sync_agrees(&sync, algorithm->set->theta, algorithm->set->size)) return MG_OK;
  return mg_fail(MG_ERR_INTERNAL,
                 "iteration %" PRId64 ": ranks no longer hold the same parameters; different "
                 "machines, libraries or a fault",
                 algorithm->iteration);
}

static mg_status evaluate(mg_train *train) {
  mg_algorithm *algorithm = train->algorithm;
  const mg_pace pace = pace_of(train);
  const double began = mg_timer_now();
  mg_comm_doing(train->app->comm, "the evaluation after iteration %" PRId64, algorithm->iteration);
  MG_TRY(
      mg_evaluations_run(&train->evaluations, algorithm, mg_train_seconds(train), train->curves));
  mg_train_worked(&train->evaluating, began);
  const mg_evaluation *e = mg_evaluations_last(&train->evaluations);
  char average[96] = "";
  if (isfinite(e->average_mean))
    snprintf(average, sizeof average, ", of the average policy %.1f (sd %.1f)", e->average_mean,
             e->average_sd);
  mg_log_line(&train->app->log, "evaluation at %" PRId64 " %s: return %.1f (sd %.1f)%s", pace.done,
              pace.unit, e->raw_mean, e->raw_sd, average);
  return MG_OK;
}

static bool wants_save(const mg_train *train) {
  double interval = train->settings->run.checkpoint_seconds;
  return train->app->comm->rank == 0 && interval > 0 && mg_timer_now() >= train->checkpoint_at;
}

static mg_status save(mg_train *train, bool finished) {
  const double began = mg_timer_now();
  mg_comm_doing(train->app->comm, "the checkpoint of iteration %" PRId64,
                train->algorithm->iteration);
  MG_TRY(mg_train_save(train, finished));
  mg_train_worked(&train->saving, began);
  train->checkpoint_at = mg_timer_now() + train->settings->run.checkpoint_seconds;
  return MG_OK;
}

/* Once, at the iteration that passes run.pause; the last one ends the run anyway. */
static bool pauses(const mg_train *train, int64_t before) {
  const mg_pace pace = pace_of(train);
  const int64_t pause = train->settings->run.pause;
  return before < pause && pace.done >= pause && pace.done < pace.total;
}

/* One iteration and all that belongs to it. *carried is this rank's failure that the others do not
 * know of yet: it travels with the next reduction, so that ordinary iterations need no further
 * collective. */
static mg_status step(mg_train *train, mg_status *carried) {
  mg_comm *comm = train->app->comm;
  mg_algorithm *algorithm = train->algorithm;
  const int64_t before = pace_of(train).done;
  mg_metrics metrics;
  mg_comm_doing(comm, "iteration %" PRId64, algorithm->iteration + 1);
  mg_status status = mg_algorithm_iterate(algorithm, &metrics);
  report_work(train, &metrics);
  if (*carried == MG_OK) *carried = status;
  if (*carried == MG_OK) *carried = check_finite(algorithm);

  const mg_pace pace = pace_of(train);
  const bool pausing = pauses(train, before),
             evaluating = mg_evaluations_due(pace.evaluate_every, before, pace.done);
  const double own[MG_WISHES] = {[MG_WISH_FAILED] = *carried != MG_OK,
                                 [MG_WISH_STOP] = mg_signals_stop_requested() || pausing,
                                 [MG_WISH_SAVE] = wants_save(train)};
  double wish[MG_WISHES] = {0};
  const bool meet = pausing || evaluating || drift_is_due(train) || pace.done >= pace.total;
  MG_TRY(tell(train, &metrics, own, meet, carried, wish));
  MG_TRY(check_drift(train)); /* the same answer on all ranks */
  if (evaluating) {
    status = evaluate(train);
    if (*carried == MG_OK) *carried = status;
  }
  if (wish[MG_WISH_STOP] > 0) {
    MG_TRY(mg_comm_agree(comm, *carried));
    MG_TRY(save(train, false));
    return mg_fail(MG_ERR_STOPPED,
                   "stopped on request after %" PRId64 " %s, checkpoint written; go on with "
                   "mgail train --resume --output %s",
                   pace.done, pace.unit, train->folder_path);
  }
  if (wish[MG_WISH_SAVE] > 0) MG_TRY(save(train, false));
  return MG_OK;
}

mg_status mg_train_loop(mg_train *train) {
  mg_status carried = MG_OK;
  /* At the very start too: from here on the run can be resumed, whatever happens. */
  MG_TRY(save(train, false));
  while (pace_of(train).done < pace_of(train).total) MG_TRY(step(train, &carried));
  MG_TRY(mg_comm_agree(train->app->comm, carried));
  return save(train, true);
}
