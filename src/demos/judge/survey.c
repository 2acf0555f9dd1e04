#include "demos/judge/survey.h"

#include "base/log.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ROWS = 1024, MOST_TOLD = 5 };
static const double FAR = 1e6, LEAST_SPREAD = 1e-3;
static const double TOO_LARGE =
    1e18; /* float32, in which training calculates, has not its square */

/* The smallest and the largest value of a column, and where they are. */
typedef struct extreme {
  double value;
  int64_t row;
  char episode[sizeof((mg_episode *)0)->name];
} extreme;

struct mg_survey {
  int d, m, columns; /* observations, actions, and the reward */
  int64_t steps;     /* seen so far, */
  int64_t stride;    /* of which every so many is kept: */
  int rows;
  double *row;       /* [MOST_ROWS, columns] */
  extreme (*end)[2]; /* [columns] */
};

mg_status mg_survey_create(const mg_dataset_file *f, mg_survey **survey) {
  mg_survey *s = calloc(1, sizeof *s);
  *survey = s;
  if (!s) return mg_fail(MG_ERR_MEMORY, "%s: no memory", f->path);
  s->d = f->form.observation_size, s->m = f->form.action_size;
  s->columns = s->d + s->m + 1;
  s->stride = 1;
  s->row = calloc((size_t)MOST_ROWS * (size_t)s->columns, sizeof *s->row);
  s->end = calloc((size_t)s->columns, sizeof *s->end);
  return s->row && s->end ? MG_OK : mg_fail(MG_ERR_MEMORY, "%s: no memory", f->path);
}

void mg_survey_destroy(mg_survey *s) {
  if (!s) return;
  free(s->row);
  free(s->end);
  free(s);
}

/* ---- counting in ---- */

/* What is not finite is a problem, and told as such. */
static void see(mg_survey *s, const mg_episode *e, int64_t row, int column, double value,
                bool first) {
  if (!isfinite(value)) return;
  for (int which = 0; which < 2; which++) {
    extreme *end = &s->end[column][which];
    if (!first && (which ? value <= end->value : value >= end->value)) continue;
    end->value = value, end->row = row;
    memcpy(end->episode, e->name, sizeof end->episode);
  }
}

/* Every stride-th row; when there is no more room, every other one of these goes. */
static double *next_row(mg_survey *s) {
  if (s->steps % s->stride != 0) return NULL;
  if (s->rows == MOST_ROWS) {
    const size_t size = (size_t)s->columns;
    for (int i = 1; i < MOST_ROWS / 2; i++)
      memcpy(s->row + (size_t)i * size, s->row + (size_t)(2 * i) * size, size * sizeof *s->row);
    s->rows /= 2, s->stride *= 2;
    if (s->steps % s->stride != 0) return NULL;
  }
  return s->row + (size_t)s->rows++ * (size_t)s->columns;
}

void mg_survey_add(mg_survey *s, const mg_dataset_file *f, int64_t k, const mg_trajectory *t) {
  const mg_episode *e = &f->episode[k];
  const size_t d = (size_t)s->d, m = (size_t)s->m;
  for (int64_t i = 0; i < t->steps; i++) {
    const double *observation = t->observations + (size_t)i * d;
    const double *action = t->actions + (size_t)i * m;
    const bool first = s->steps == 0;
    for (int c = 0; c < s->d; c++) see(s, e, i, c, observation[c], first);
    for (int c = 0; c < s->m; c++) see(s, e, i, s->d + c, action[c], first);
    see(s, e, i, s->d + s->m, t->rewards[i], first);
    double *row = next_row(s);
    if (row) {
      memcpy(row, observation, d * sizeof *row);
      memcpy(row + d, action, m * sizeof *row);
      row[d + m] = t->rewards[i];
    }
    s->steps++;
  }
  for (int c = 0; c < s->d; c++)
    see(s, e, t->steps, c, t->observations[(size_t)t->steps * d + (size_t)c], false);
}

/* ---- telling ---- */

static int by_value(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Middle and spread of a column; sorted [MOST_ROWS]. Of a normal distribution the spread is its
 * standard deviation. */
static void measure(const mg_survey *s, int column, double *sorted, double *middle,
                    double *spread) {
  static const double TENTHS = 2.563; /* between the two of a standard normal distribution */
  int n = 0;
  for (int i = 0; i < s->rows; i++) {
    const double value = s->row[(size_t)i * (size_t)s->columns + (size_t)column];
    if (isfinite(value)) sorted[n++] = value;
  }
  if (n == 0) sorted[n++] = 0;
  qsort(sorted, (size_t)n, sizeof *sorted, by_value);
  *middle = sorted[n / 2];
  *spread = (sorted[n - 1 - n / 10] - sorted[n / 10]) / TENTHS;
  *spread = fmax(*spread, LEAST_SPREAD * fmax(1, fabs(*middle)) * (*spread == 0));
}

/* "observations[40,7]" */
static void name_entry(const mg_survey *s, int column, int64_t row, char text[64]) {
  if (column < s->d)
    snprintf(text, 64, "observations[%" PRIi64 ",%d]", row, column);
  else if (column < s->d + s->m)
    snprintf(text, 64, "actions[%" PRIi64 ",%d]", row, column - s->d);
  else
    snprintf(text, 64, "rewards[%" PRIi64 "]", row);
}

/* "1.0e+09 spreads away from the middle of its column, 0.05"; false: nothing is odd about it. */
static bool describe_far(const mg_survey *s, int column, double *sorted, const extreme **end,
                         char text[128]) {
  double middle, spread;
  measure(s, column, sorted, &middle, &spread);
  const extreme *low = &s->end[column][0], *high = &s->end[column][1];
  *end = high->value - middle > middle - low->value ? high : low;
  const double spreads = fabs((*end)->value - middle) / spread;
  if (spreads > FAR)
    snprintf(text, 128, "%.1e spreads away from the middle of its column, %.4g", spreads, middle);
  else
    snprintf(text, 128, "more than training can calculate with; expected at most %g", TOO_LARGE);
  return spreads > FAR || fabs((*end)->value) > TOO_LARGE;
}

static void tell_far(const mg_survey *s, mg_dataset_file *f, double *sorted) {
  int told = 0;
  for (int c = 0; c < s->columns; c++) {
    const extreme *end;
    char entry[64], text[128];
    if (!describe_far(s, c, sorted, &end, text) || told++ >= MOST_TOLD) continue;
    name_entry(s, c, end->row, entry);
    mg_dataset_remark(f, "%s/%s is %.4g, %s", end->episode, entry, end->value, text);
  }
  if (told > MOST_TOLD)
    mg_dataset_remark(f, "so odd is an entry of %d further %s", told - MOST_TOLD,
                      mg_plural(told - MOST_TOLD, "column", "columns"));
}

static void tell_constant(const mg_survey *s, mg_dataset_file *f) {
  char list[256] = "";
  int many = 0;
  for (int i = 0; i < s->m; i++) {
    const extreme *end = s->end[s->d + i];
    if (end[0].value != end[1].value) continue;
    const size_t used = strlen(list);
    snprintf(list + used, sizeof list - used, "%s%d (%.4g)", many++ ? ", " : "", i, end[0].value);
  }
  if (many > 0)
    mg_dataset_remark(f, "%s of the action never %s in %" PRIi64 " %s: %s",
                      many == 1 ? "an entry" : "entries", many == 1 ? "varies" : "vary", s->steps,
                      s->steps == 1 ? "step" : "steps", list);
}

void mg_survey_tell(mg_survey *s, mg_dataset_file *f) {
  double *sorted = calloc(MOST_ROWS, sizeof *sorted);
  if (s->steps > 0 && sorted) {
    tell_far(s, f, sorted);
    if (!f->form.discrete && !(f->task && f->task->discrete)) tell_constant(s, f);
  }
  free(sorted);
}
