#include "app/watch/watch.h"

#include "app/json.h"
#include "app/report/text_table.h"
#include "app/run/progress.h"
#include "base/log.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { NAME_LEAST = 16, SPARK_LEAST = 10, FIXED = 54, NUMBER_MAX = 16 };

/* ---- signs ---- */

void mg_watch_sparkline(int64_t points, const mg_curve_point *point, int width, bool utf8,
                        char text[3 * MG_WATCH_SPARK_MAX + 1]) {
  static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  static const char *const signs[] = {"_", ".", ",", "-", "~", "=", "*", "#"};
  double sum[MG_WATCH_SPARK_MAX] = {0}, low = INFINITY, high = -INFINITY, last = NAN;
  int count[MG_WATCH_SPARK_MAX] = {0};
  *text = '\0';
  if (width > MG_WATCH_SPARK_MAX) width = MG_WATCH_SPARK_MAX;
  const double span = points > 0 ? point[points - 1].steps : 0;
  for (int64_t k = 0; k < points; k++) {
    const double value = isnan(point[k].average) ? point[k].raw : point[k].average;
    const double part = span > 0 ? point[k].steps / span : (double)(k + 1) / (double)points;
    const int at = (int)fmin(fmax(ceil(part * width) - 1, 0), width - 1);
    if (!isfinite(value)) continue;
    sum[at] += value, count[at]++;
  }
  for (int i = 0; i < width; i++) {
    if (count[i] == 0) continue;
    sum[i] /= count[i];
    low = fmin(low, sum[i]), high = fmax(high, sum[i]);
  }
  for (int i = 0; i < width && low <= high; i++) {
    if (count[i] > 0) last = sum[i];
    const int level = isnan(last)  ? -1
                      : high > low ? (int)(7 * (last - low) / (high - low) + 0.5)
                                   : 3;
    strcat(text, level < 0 ? " " : utf8 ? blocks[level] : signs[level]);
  }
}

/* "200", "12.3k", "1.23M" */
static void format_count(double value, char text[NUMBER_MAX]) {
  if (!isfinite(value))
    snprintf(text, NUMBER_MAX, "-");
  else if (value < 999.5)
    snprintf(text, NUMBER_MAX, "%.3g", value);
  else
    snprintf(text, NUMBER_MAX, "%.3g%s", value < 999500 ? value / 1e3 : value / 1e6,
             value < 999500 ? "k" : "M");
}

static void format_fixed(double value, int digits, char text[NUMBER_MAX]) {
  if (fabs(value) < 0.5 * pow(10, -digits)) value = 0; /* not "-0.00" */
  if (isfinite(value))
    snprintf(text, NUMBER_MAX, "%.*f", fabs(value) < 99999.5 ? digits : 0, value);
  else
    snprintf(text, NUMBER_MAX, "-");
}

/* Prints a text in so many columns; of one that is longer the end, which tells runs apart. */
static void print_name(const char *text, int width, bool utf8, FILE *to) {
  char shown[MG_FOLDER_PATH_MAX + 8];
  int length = 0;
  for (const char *c = text; *c; c++) length += ((unsigned char)*c & 0xc0) != 0x80;
  const bool cut = length > width;
  for (int skip = cut ? length - width + (utf8 ? 1 : 2) : 0; skip > 0; skip--) {
    text++;
    while (((unsigned char)*text & 0xc0) == 0x80) text++;
  }
  snprintf(shown, sizeof shown, "%s%s", !cut ? "" : utf8 ? "…" : "..", text);
  mg_text_plain(shown, to);
  fprintf(to, "%*s", cut ? 0 : width - length, "");
}

/* A sentence that gets what is left of a line. */
static void print_sentence(const char *text, int width, FILE *to) {
  for (; *text && width > 0; text++) {
    width -= ((unsigned char)*text & 0xc0) != 0x80;
    putc((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text, to);
  }
}

/* ---- the page ---- */

/* Of all paths; nothing of a single one. */
static size_t common_length(const mg_watch *w) {
  size_t length = w->runs > 1 ? strlen(w->run[0].path) : 0;
  for (int i = 1; i < w->runs; i++) length = mg_same_folder(w->run[0].path, w->run[i].path, length);
  return length;
}

static void print_head(const mg_watch *w, const mg_watch_page *page, FILE *to) {
  static const mg_watch_state told[] = {MG_WATCH_RUNNING, MG_WATCH_STARTING, MG_WATCH_SILENT,
                                        MG_WATCH_KILLED,  MG_WATCH_STOPPED,  MG_WATCH_FINISHED,
                                        MG_WATCH_BROKEN};
  char text[256], clock[16];
  size_t used =
      (size_t)snprintf(text, sizeof text, "%d %s", w->runs, mg_plural(w->runs, "run", "runs"));
  for (size_t k = 0; k < sizeof told / sizeof *told; k++) {
    int n = 0;
    for (int i = 0; i < w->runs; i++) n += w->run[i].state == told[k];
    if (n > 0)
      used +=
          (size_t)snprintf(text + used, sizeof text - used, ", %d %s", n, mg_watch_states[told[k]]);
  }
  const time_t now = time(NULL);
  struct tm local;
  strftime(clock, sizeof clock, "%H:%M:%S", localtime_r(&now, &local));
  const int room = page->columns - 1 - (int)used;
  print_sentence(text, page->columns - 1, to);
  if (room > (int)strlen(clock)) fprintf(to, "%*s", room, clock);
  fputs(page->end, to);
}

static void print_run(const mg_watched *w, size_t common, const mg_watch_page *page, int name,
                      int spark, FILE *to) {
  char steps[3 * NUMBER_MAX], done[NUMBER_MAX], planned[NUMBER_MAX], rate[NUMBER_MAX],
      left[32] = "";
  char result[NUMBER_MAX], score[NUMBER_MAX], line[3 * MG_WATCH_SPARK_MAX + 1];
  print_name(w->path + common, name, page->utf8, to);
  fprintf(to, " %-8s ", mg_watch_states[w->state]);
  if (*w->reason) {
    print_sentence(w->state == MG_WATCH_STARTING ? "no curves yet" : w->reason,
                   page->columns - name - 11, to);
    fputs(page->end, to);
    return;
  }
  const mg_collected_run *r = &w->run;
  format_count(r->planned_steps > 0 ? (double)r->steps : (double)r->iterations, done);
  format_count((double)r->planned_steps, planned);
  snprintf(steps, sizeof steps, "%s%s%s", done, r->planned_steps > 0 ? "/" : " it",
           r->planned_steps > 0 ? planned : "");
  format_count(w->rate, rate);
  if (isfinite(w->left)) mg_progress_format_time(w->left, left);
  format_fixed(w->last_return, 1, result);
  format_fixed(w->score, 2, score);
  mg_watch_sparkline(w->points, w->point, spark, page->utf8, line);
  fprintf(to, "%11s %6s %8s %8s %5s %s%s", steps, rate, left, result, score, line, page->end);
}

void mg_watch_print(const mg_watch *w, const mg_watch_page *page, FILE *to) {
  const size_t common = common_length(w);
  const int room = page->columns - FIXED; /* for name and curve; the last column stays free */
  int longest = NAME_LEAST;
  for (int i = 0; i < w->runs; i++) {
    const int length = (int)strlen(w->run[i].path + common);
    if (length > longest) longest = length;
  }
  const int most = room - SPARK_LEAST > NAME_LEAST ? room - SPARK_LEAST : NAME_LEAST;
  const int name = longest < most ? longest : most;
  const int spark = room - name > SPARK_LEAST ? room - name : SPARK_LEAST;
  const bool all = page->rows == 0 || w->runs <= page->rows - 3;
  const int shown = all ? w->runs : page->rows > 4 ? page->rows - 4 : 1;
  print_head(w, page, to);
  fprintf(to, "%-*s %-8s %11s %6s %8s %8s %5s %s%s", name, "run", "state", "steps", "rate/s",
          "left", "return", "score", "returns", page->end);
  for (int i = 0; i < shown; i++) print_run(&w->run[i], common, page, name, spark, to);
  if (!all) fprintf(to, "and %d more; a larger terminal shows them%s", w->runs - shown, page->end);
}

/* ---- JSON ---- */

mg_status mg_watch_print_json(const mg_watch *watch) {
  cJSON *json = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(json, "runs");
  for (int i = 0; i < watch->runs; i++) {
    const mg_watched *w = &watch->run[i];
    const mg_collected_run *r = &w->run;
    cJSON *o = cJSON_CreateObject();
    cJSON_AddItemToArray(list, o);
    cJSON_AddStringToObject(o, "folder", w->path);
    cJSON_AddStringToObject(o, "state", mg_watch_states[w->state]);
    if (*w->reason) cJSON_AddStringToObject(o, "reason", w->reason);
    if (*w->reason) continue;
    cJSON_AddStringToObject(o, "task", r->task);
    cJSON_AddStringToObject(o, "method", r->method);
    mg_json_add_whole(o, "trajectories", r->trajectories);
    mg_json_add_whole(o, "seed", r->seed);
    mg_json_add_whole(o, "steps", r->steps);
    mg_json_add_whole(o, "planned_steps", r->planned_steps);
    mg_json_add_whole(o, "iterations", r->iterations);
    cJSON_AddNumberToObject(o, "seconds", r->seconds);
    cJSON_AddNumberToObject(o, "rate", w->rate);
    cJSON_AddNumberToObject(o, "seconds_left", w->left);
    cJSON_AddNumberToObject(o, "return", w->last_return);
    cJSON_AddNumberToObject(o, "score", w->score);
    cJSON_AddNumberToObject(o, "reference_score", w->reference_score);
    mg_json_add_whole(o, "evaluations", w->points);
  }
  return mg_json_print(json);
}
