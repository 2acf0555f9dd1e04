/* The evaluations of a run: at which steps, after how many seconds, with what returns. Kept in the
 * checkpoint, so that result.json of a resumed run has them all. */
#ifndef MG_APP_EVALUATIONS_H
#define MG_APP_EVALUATIONS_H

#include "algo/algorithm.h"
#include "rollout/evaluate.h"

/* One evaluation: the mean action of the current policy ("raw") and, last, of its running average,
 * NaN where there is none. */
/* clang-format off */
#define MG_EVALUATION_LIST(X)                                                                      \
  X(iteration) X(steps) X(seconds)                                                                 \
  X(raw_mean) X(raw_sd) X(raw_min)                                                                 \
  X(average_mean) X(average_sd) X(average_min)
/* clang-format on */
#define MG_EVALUATION_FIELD(name) double name;
typedef struct mg_evaluation {
  MG_EVALUATION_LIST(MG_EVALUATION_FIELD)
} mg_evaluation;
enum { MG_EVALUATION_FIELDS = sizeof(mg_evaluation) / sizeof(double), MG_EVALUATION_AVERAGES = 3 };

typedef struct mg_evaluations {
  int64_t count, capacity;
  mg_evaluation *list; /* [capacity] */
  int episodes;        /* E */
  mg_evaluator *evaluator;
  double *returns, *lengths; /* [2, E]: raw, average */
} mg_evaluations;

/* Collective. */
mg_status mg_evaluations_create(const mg_settings *settings, mg_comm *comm,
                                const mg_algorithm *algorithm, mg_evaluations *evaluations);
void mg_evaluations_destroy(mg_evaluations *evaluations);

/* Whether a multiple of `every` lies in (before, now]; every = 0: never. */
bool mg_evaluations_due(int64_t every, int64_t before, int64_t now);

/* Evaluates the algorithm as it stands and adds a row to the list; curves Nullable. Collective. */
mg_status mg_evaluations_run(mg_evaluations *evaluations, const mg_algorithm *algorithm,
                             double seconds, mg_curves *curves);

/* The last one, NULL before the first. */
const mg_evaluation *mg_evaluations_last(const mg_evaluations *evaluations);

void mg_evaluations_visit(mg_evaluations *evaluations, mg_archive *archive);

#endif
