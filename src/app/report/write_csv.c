/* Runs as comma-separated values: one line of names, numbers to the last bit. */
#include "app/number.h"
#include "app/report/run_score.h"
#include "app/report/run_tables.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_MAX = 512 };

static void put_text(const char *text, FILE *to) {
  const bool quoted = strpbrk(text, ",\"\r\n");
  if (quoted) putc('"', to);
  for (const char *c = text; *c; c++) {
    if (*c == '"') putc('"', to);
    putc(*c, to);
  }
  if (quoted) putc('"', to);
}

static void put_number(double value, FILE *to) {
  char text[32];
  if (!isfinite(value)) return;
  mg_number_format(value, text);
  fputs(text, to);
}

/* ---- runs.csv ---- */

static void put_run_names(FILE *to) {
  const char *before = "";
#define NAME(kind, name, size, unit, help) fprintf(to, "%s%s", before, #name), before = ",";
  MG_COLLECTION_LIST(NAME)
#undef NAME
  putc('\n', to);
}

static void put_run(const mg_collected_run *run, FILE *to) {
  const char *before = "";
#define PUT_TEXT(name)                      put_text(run->name, to)
#define PUT_I64(name)                       fprintf(to, "%" PRId64, run->name)
#define PUT_F64(name)                       put_number(run->name, to)
#define VALUE(kind, name, size, unit, help) fputs(before, to), PUT_##kind(name), before = ",";
  MG_COLLECTION_LIST(VALUE)
#undef VALUE
  putc('\n', to);
}

/* ---- curves.csv, evaluations.csv ---- */

/* Columns of several runs: not every algorithm has all metrics. */
typedef struct names {
  int count;
  char name[NAMES_MAX][64];
} names;

static void add_names(names *n, const mg_curves_table *t) {
  for (int i = 0; i < t->columns; i++) {
    int k = 0;
    while (k < n->count && strcmp(n->name[k], t->name[i]) != 0) k++;
    if (k == n->count && k < NAMES_MAX) strcpy(n->name[n->count++], t->name[i]);
  }
}

static void put_names(const names *n, FILE *to) {
  fputs("folder,task,method,trajectories,seed", to);
  for (int i = 0; i < n->count; i++) {
    putc(',', to);
    put_text(n->name[i], to);
  }
  putc('\n', to);
}

static void put_rows(const mg_collected_run *run, const names *n, const mg_curves_table *t,
                     FILE *to) {
  int column[NAMES_MAX];
  for (int i = 0; i < n->count; i++) {
    column[i] = 0;
    while (column[i] < t->columns && strcmp(t->name[column[i]], n->name[i]) != 0) column[i]++;
  }
  for (int64_t k = 0; k < t->rows; k++) {
    put_text(run->folder, to);
    fprintf(to, ",%s,%s,%" PRId64 ",%" PRId64, run->task, run->method, run->trajectories,
            run->seed);
    for (int i = 0; i < n->count; i++) {
      putc(',', to);
      if (column[i] < t->columns) put_number(t->value[column[i] * t->rows + k], to);
    }
    putc('\n', to);
  }
}

/* ---- all runs ---- */

typedef struct csv {
  mg_run_known known;
  int runs;
  mg_collected_run *run; /* those that can be read */
  names curves, evaluation;
} csv;

static mg_status look_at(csv *c, const char *folder) {
  mg_collected_run *run = &c->run[c->runs];
  int64_t points;
  mg_curve_point *point;
  MG_TRY(mg_run_score(folder, &c->known, run, &points, &point));
  free(point);
  static const char *const groups[] = {"curves", "evaluation"};
  names *const all[] = {&c->curves, &c->evaluation};
  for (int i = 0; i < 2; i++) {
    mg_curves_table t;
    MG_TRY(mg_run_table_read(folder, groups[i], &t));
    add_names(all[i], &t);
    free(t.value);
  }
  c->runs++;
  return MG_OK;
}

static mg_status write_runs(const csv *c, const char *directory) {
  mg_new_file file;
  MG_TRY(mg_new_file_open(directory, "runs.csv", &file));
  put_run_names(file.to);
  for (int i = 0; i < c->runs; i++) put_run(&c->run[i], file.to);
  return mg_new_file_finish(&file, MG_OK);
}

static mg_status write_group(const csv *c, const names *n, const char *group, const char *directory,
                             const char *name) {
  mg_new_file file;
  MG_TRY(mg_new_file_open(directory, name, &file));
  put_names(n, file.to);
  mg_status status = MG_OK;
  for (int i = 0; status == MG_OK && i < c->runs; i++) {
    mg_curves_table t;
    status = mg_run_table_read(c->run[i].folder, group, &t);
    if (status == MG_OK) put_rows(&c->run[i], n, &t, file.to);
    free(t.value);
  }
  return mg_new_file_finish(&file, status);
}

static mg_status write_all(csv *c, const mg_run_folders *f, const char *directory, mg_log *log) {
  mg_skipped skipped = {0};
  for (int i = 0; i < f->count; i++)
    MG_TRY(mg_run_skip(f->run[i].path, look_at(c, f->run[i].path), &skipped, log));
  MG_TRY(mg_run_skipped_all(&skipped, f->count));
  MG_TRY(write_runs(c, directory));
  MG_TRY(write_group(c, &c->evaluation, "evaluation", directory, "evaluations.csv"));
  return write_group(c, &c->curves, "curves", directory, "curves.csv");
}

mg_status mg_write_csv(const mg_run_folders *f, const char *directory, mg_log *log) {
  csv *c = calloc(1, sizeof *c);
  if (c) c->run = calloc((size_t)f->count, sizeof *c->run);
  mg_status status = c && c->run ? write_all(c, f, directory, log)
                                 : mg_fail(MG_ERR_MEMORY, "no memory for %d runs", f->count);
  if (c) free(c->run);
  free(c);
  return status;
}
