#include "algo/algorithm.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

Test(metrics, a_metric_is_the_weighted_mean_of_what_was_added) {
  mg_metrics m = {0};
  mg_metrics_add(&m, MG_METRIC_KL, 3, 1);
  mg_metrics_add(&m, MG_METRIC_KL, 5, 1);
  mg_metrics_add(&m, MG_METRIC_KL, 1, 2);
  cr_expect_float_eq(m.value[MG_METRIC_KL], 2.5, 1e-15);
  cr_expect_eq(m.weight[MG_METRIC_KL], 4);
  mg_metrics_add(&m, MG_METRIC_KL, 100, 0); /* nothing was seen */
  cr_expect_float_eq(m.value[MG_METRIC_KL], 2.5, 1e-15);
  cr_expect_eq(m.weight[MG_METRIC_ENTROPY], 0);
}

Test(metrics, a_tally_leaves_out_what_is_not_finite) {
  mg_metrics m = {0};
  mg_tally tally = {0};
  mg_metrics_add_tally(&m, MG_METRIC_KL, tally);
  cr_expect_eq(m.weight[MG_METRIC_KL], 0);
  mg_tally_add(&tally, 2, 1);
  mg_tally_add(&tally, NAN, 1);
  mg_tally_add(&tally, INFINITY, 1);
  mg_tally_add(&tally, 5, 2);
  mg_metrics_add_tally(&m, MG_METRIC_KL, tally);
  cr_expect_float_eq(m.value[MG_METRIC_KL], 4, 1e-15);
  cr_expect_eq(m.weight[MG_METRIC_KL], 3);
}

/* Every algorithm has columns, the episodes first, and no name twice. */
Test(metrics, columns_of_every_algorithm) {
  for (int a = 0; mg_algorithms[a]; a++) {
    mg_metric row[MG_METRIC_COUNT];
    int which[MG_METRIC_COUNT];
    const int count = mg_metrics_of(mg_algorithms[a]->metrics, row, which);
    cr_expect_gt(count, 10);
    cr_expect_eq(which[0], MG_METRIC_EPISODE_RETURN);
    for (int i = 0; i < count; i++)
      for (int j = 0; j < i; j++) cr_expect_str_neq(row[i].name, row[j].name);
  }
  mg_metric row[MG_METRIC_COUNT];
  int which[MG_METRIC_COUNT];
  cr_expect_eq(mg_metrics_of(MG_OF_ALL, row, which), MG_METRIC_COUNT);
}
