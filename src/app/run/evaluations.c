#include "app/run/evaluations.h"

#include "base/statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_MAX = 1 << 24 };

mg_status mg_evaluations_create(const mg_settings *settings, mg_comm *comm,
                                const mg_algorithm *algorithm, mg_evaluations *evaluations) {
  size_t episodes = (size_t)settings->evaluate.episodes;
  *evaluations = (mg_evaluations){.episodes = settings->evaluate.episodes};
  evaluations->returns = calloc(2 * episodes, sizeof(double));
  evaluations->lengths = calloc(2 * episodes, sizeof(double));
  mg_status status = MG_OK;
  if (!evaluations->returns || !evaluations->lengths)
    status = mg_fail(MG_ERR_MEMORY, "out of memory for %zu evaluation episodes", episodes);
  MG_TRY(mg_comm_agree(comm, status));
  return mg_evaluator_create(settings->run.env, &settings->env, settings->evaluate.episodes,
                             (uint64_t)settings->run.seed, comm, &algorithm->policy,
                             algorithm->normaliser, &evaluations->evaluator);
}

void mg_evaluations_destroy(mg_evaluations *evaluations) {
  mg_evaluator_destroy(evaluations->evaluator);
  free(evaluations->returns);
  free(evaluations->lengths);
  free(evaluations->list);
  *evaluations = (mg_evaluations){0};
}

bool mg_evaluations_due(int64_t every, int64_t before, int64_t now) {
  return every > 0 && now / every > before / every;
}

static mg_status reserve(mg_evaluations *evaluations, int64_t rows) {
  if (rows <= evaluations->capacity) return MG_OK;
  int64_t capacity = rows > 2 * evaluations->capacity ? rows : 2 * evaluations->capacity;
  mg_evaluation *list = realloc(evaluations->list, (size_t)capacity * sizeof *list);
  if (!list) return mg_fail(MG_ERR_MEMORY, "out of memory for %lld evaluations", (long long)rows);
  evaluations->list = list;
  evaluations->capacity = capacity;
  return MG_OK;
}

mg_status mg_evaluations_run(mg_evaluations *evaluations, const mg_algorithm *algorithm,
                             double seconds, mg_curves *curves) {
  int E = evaluations->episodes;
  double *raw = evaluations->returns, *average = raw + E;
  double *raw_length = evaluations->lengths, *average_length = raw_length + E;
  bool averaged = algorithm->average != NULL;
  const mg_evaluated policies[] = {
      {.theta = mg_paramset_theta(algorithm->set, 0), .returns = raw, .lengths = raw_length},
      {.theta = algorithm->average, .returns = average, .lengths = average_length},
  };
  mg_evaluator_run_all(evaluations->evaluator, averaged ? 2 : 1, policies);
  mg_summary of_raw = mg_summarise(E, raw);
  mg_summary of_average = averaged ? mg_summarise(E, average) : (mg_summary){NAN, NAN, NAN, NAN};
  MG_TRY(reserve(evaluations, evaluations->count + 1));
  evaluations->list[evaluations->count++] = (mg_evaluation){
      .iteration = (double)algorithm->iteration,
      .steps = (double)algorithm->steps,
      .seconds = seconds,
      .raw_mean = of_raw.mean,
      .raw_sd = of_raw.sd,
      .raw_min = of_raw.min,
      .average_mean = of_average.mean,
      .average_sd = of_average.sd,
      .average_min = of_average.min,
  };
  if (!curves) return MG_OK;
  return mg_curves_append_evaluation(curves, algorithm->iteration, algorithm->steps, seconds, raw,
                                     raw_length, averaged ? average : NULL,
                                     averaged ? average_length : NULL);
}

const mg_evaluation *mg_evaluations_last(const mg_evaluations *evaluations) {
  return evaluations->count ? &evaluations->list[evaluations->count - 1] : NULL;
}

void mg_evaluations_visit(mg_evaluations *evaluations, mg_archive *archive) {
  int64_t count = evaluations->count;
  mg_archive_shared(archive, "run/evaluation_count", MG_TYPE_I64, &count, 1);
  if (mg_archive_is_loading(archive)) {
    /* Out of memory or out of range shows as the missing rows in the result. */
    if (mg_archive_status(archive) != MG_OK || count < 0 || count > ROWS_MAX ||
        reserve(evaluations, count) != MG_OK)
      return;
    evaluations->count = count;
  }
  mg_archive_shared(archive, "run/evaluations", MG_TYPE_F64, evaluations->list,
                    (size_t)count * MG_EVALUATION_FIELDS);
}
