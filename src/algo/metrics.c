#include "algo/metrics.h"

#include <math.h>

void mg_tally_add(mg_tally *tally, double value, double weight) {
  if (!isfinite(value)) return;
  tally->sum += value * weight;
  tally->weight += weight;
}

void mg_metrics_add_tally(mg_metrics *metrics, int metric, mg_tally tally) {
  if (tally.weight > 0) mg_metrics_add(metrics, metric, tally.sum / tally.weight, tally.weight);
}

static const struct {
  unsigned of;
  mg_metric metric;
} ALL[] = {
#define MG_METRIC_ROW(name, of, text, unit, help) {of, {text, unit, help}},
    MG_METRIC_LIST(MG_METRIC_ROW)
#undef MG_METRIC_ROW
};

int mg_metrics_of(unsigned algorithm, mg_metric *row, int *metric) {
  int count = 0;
  for (int k = 0; k < MG_METRIC_COUNT; k++) {
    if (!(ALL[k].of & algorithm)) continue;
    row[count] = ALL[k].metric;
    metric[count++] = k;
  }
  return count;
}
