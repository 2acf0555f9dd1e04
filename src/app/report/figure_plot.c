/* A figure's files: data, and a script for gnuplot, which runs as a child without a shell. */
#include "app/methods.h"
#include "app/report/figure.h"
#include "app/run/run_folder.h"
#include "files/safe_file.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

void mg_figure_clean(const char *text, char *name, size_t size) {
  static const char GOOD[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
  size_t n = 0;
  for (; *text && n + 1 < size; text++) name[n++] = strchr(GOOD, *text) ? *text : '-';
  name[n] = '\0';
}

/* Of the first method that has finished runs with demonstrations. */
static double data_return(int lines, const mg_line *l) {
  int k = 0;
  while (k < lines - 1 && isnan(l[k].cell->data_return)) k++;
  return l[k].cell->data_return;
}

typedef struct axis {
  double unit, most, bottom, top; /* x of a unit; its end in units; ends of y */
  char label[64];
} axis;

static axis make_axis(const mg_figure_row *row, int lines, const mg_line *l) {
  double most = 0, low = INFINITY, high = -INFINITY;
  for (int k = 0; k < lines; k++) {
    if (!l[k].flat) most = fmax(most, l[k].x[l[k].points - 1]);
    for (int i = 0; i < l[k].points; i++) {
      if (isfinite(l[k].low[i])) low = fmin(low, l[k].low[i]);
      if (isfinite(l[k].high[i])) high = fmax(high, l[k].high[i]);
    }
  }
  const mg_cell *cell = l[0].cell;
  if (isfinite(cell->random_return)) low = fmin(low, cell->random_return);
  if (isfinite(data_return(lines, l))) high = fmax(high, data_return(lines, l));
  double margin = high > low ? 0.05 * (high - low) : 1;
  axis a = {.unit = most >= 1e6 ? 1e6 : most >= 1e4 ? 1e3 : 1};
  snprintf(a.label, sizeof a.label, "%s%s", row->x_label,
           a.unit == 1e6   ? " (million)"
           : a.unit == 1e3 ? " (thousand)"
                           : "");
  a.most = most / a.unit, a.bottom = low - margin, a.top = high + margin;
  return a;
}

/* One block a line: x, mean, least, most; blocks are gnuplot's `index`. */
static void print_data(const mg_figure *figure, int lines, const mg_line *l, const axis *a,
                       FILE *to) {
  fprintf(to, "# %s, in the axis' unit; mean over runs, least, most\n", figure->row->x_label);
  for (int k = 0; k < lines; k++) {
    fprintf(to, "%s# %s\n", k ? "\n\n" : "", l[k].cell->method);
    for (int i = 0; i < (l[k].flat ? 2 : l[k].points); i++) {
      int from = l[k].flat ? 0 : i;
      double x = l[k].flat ? i * a->most : l[k].x[i] / a->unit;
      if (isnan(l[k].mean[from])) continue;
      fprintf(to, "%.9g %.9g %.9g %.9g\n", x, l[k].mean[from], l[k].low[from], l[k].high[from]);
    }
  }
}

/* ---- script ---- */

static const char SCRIPT_HEAD[] =
    "set encoding utf8\n"
    "set border 3 lc rgb '#555555'\n"
    "set tics nomirror out scale 0.6 textcolor rgb '#333333'\n"
    "set grid y lc rgb '#e4e4e4' lw 1 lt 1\n"
    "set key outside right center Left reverse samplen 2.2 spacing 1.35 width 1\n"
    "set bmargin 3.8\n"
    "set xlabel '%s' textcolor rgb '#333333'\n"
    "set ylabel '%s' offset 1,0 textcolor rgb '#333333'\n"
    "set title '%s, %s' textcolor rgb '#111111'\n"
    "set xrange [0:%.9g]\n"
    "set yrange [%.9g:%.9g]\n";

static void print_level(const char *name, double level, const char *dash, FILE *to) {
  if (isfinite(level))
    fprintf(to, ", \\\n  %.9g with lines lw 1.5 dt %s lc rgb '#333333' title '%s %.0f'", level,
            dash, name, level);
}

static const char *colour_of(const mg_line *l) {
  return mg_method_named(l->cell->method)->colour;
}

static void print_plot(const mg_figure *figure, int lines, const mg_line *l, FILE *to) {
  fputs("plot \\\n", to);
  for (int k = 0; k < lines; k++) /* bands below all lines */
    fprintf(to,
            "  '%s.dat' index %d using 1:3:4 with filledcurves fs transparent solid %s "
            "noborder lc rgb '%s' notitle, \\\n",
            figure->name, k, l[k].flat ? "0.07" : "0.18",
            mg_method_named(l[k].cell->method)->colour);
  for (int k = 0; k < lines; k++) {
    char method[32];
    mg_figure_clean(l[k].cell->method, method, sizeof method);
    fprintf(to,
            "%s  '%s.dat' index %d using 1:2 with lines lw 2.6 dt %s lc rgb '%s' title '%s%s (%d)'",
            k ? ", \\\n" : "", figure->name, k, l[k].flat ? "(8,5)" : "1", colour_of(&l[k]), method,
            l[k].flat ? ", final" : "", l[k].runs);
  }
  print_level("data", data_return(lines, l), "4", to);
  print_level("random", l[0].cell->random_return, "3", to);
  putc('\n', to);
}

static void print_script(const mg_figure *figure, int lines, const mg_line *l, const axis *a,
                         FILE *to) {
  char task[32], size[48];
  mg_figure_clean(figure->task, task, sizeof task);
  snprintf(size, sizeof size, "%lld trajectories", (long long)figure->trajectories);
  if (figure->trajectories == 0) strcpy(size, "all trajectories");
  if (figure->trajectories == 1) strcpy(size, "1 trajectory");
  fprintf(to, "# gnuplot %s.gp, in this folder\n", figure->name);
  fprintf(to, SCRIPT_HEAD, a->label, figure->row->y_label, task, size, a->most, a->bottom, a->top);
  char id[64]; /* letters, digits and _ only */
  strcpy(id, figure->name);
  for (char *c = id; *c; c++)
    if (*c == '-' || *c == '.') *c = '_';
  fprintf(to,
          "set terminal svg noenhanced size 800,400 font 'Helvetica,15' background rgb 'white' "
          "name '%s'\n",
          id);
  fprintf(to, "set output '%s.svg'\n", figure->name);
  print_plot(figure, lines, l, to);
  fputs("set output\n"
        "if (strstrt(GPVAL_TERMINALS, ' pngcairo ') > 0) {\n"
        "  set terminal pngcairo noenhanced size 1600,800 font 'Sans,22' linewidth 2\n"
        "} else {\n"
        "  set terminal png noenhanced size 1600,800 truecolor linewidth 2\n"
        "}\n",
        to);
  fprintf(to, "set output '%s.png'\nreplot\nset output\n", figure->name);
}

/* ---- gnuplot ---- */

enum { MISSING = 127 };

/* Exit code; MISSING where there is no gnuplot, 255 where it died of a signal. -d: without the
 * user's own start-up file. */
static int run_gnuplot(const char *folder, const char *script) {
  pid_t pid = fork();
  if (pid < 0) return 255;
  if (pid == 0) {
    int nothing = open("/dev/null", O_RDWR);
    signal(SIGPIPE, SIG_DFL);
    if (nothing < 0 || dup2(nothing, 0) < 0 || dup2(nothing, 1) < 0 || dup2(nothing, 2) < 0 ||
        chdir(folder) != 0)
      _exit(126);
    execlp("gnuplot", "gnuplot", "-d", script, (char *)NULL);
    _exit(errno == ENOENT || errno == EACCES ? MISSING : 126);
  }
  int how = 0;
  while (waitpid(pid, &how, 0) < 0)
    if (errno != EINTR) return 255;
  return WIFEXITED(how) ? WEXITSTATUS(how) : 255;
}

static mg_status write_figure(const mg_report *report, const mg_figure *figure, int lines,
                              const mg_line *l, const axis *a) {
  for (int script = 0; script < 2; script++) {
    char name[80], path[MG_FOLDER_PATH_MAX], *text = NULL;
    size_t size;
    snprintf(name, sizeof name, "%s.%s", figure->name, script ? "gp" : "dat");
    MG_TRY(mg_run_folder_file(report->folder, name, path, sizeof path));
    FILE *stream = open_memstream(&text, &size);
    if (stream && script) print_script(figure, lines, l, a, stream);
    if (stream && !script) print_data(figure, lines, l, a, stream);
    mg_status status = stream && fclose(stream) == 0
                           ? mg_safe_write_text(path, text)
                           : mg_fail(MG_ERR_MEMORY, "%s: no memory", name);
    free(text);
    MG_TRY(status);
  }
  return MG_OK;
}

/* A picture of an earlier report is not to be taken for one of this. */
static void remove_pictures(const mg_report *report, const mg_figure *figure) {
  static const char *const endings[] = {"svg", "png"};
  char path[MG_FOLDER_PATH_MAX], name[80];
  for (int k = 0; k < 2; k++) {
    snprintf(name, sizeof name, "%s.%s", figure->name, endings[k]);
    if (mg_run_folder_file(report->folder, name, path, sizeof path) == MG_OK) unlink(path);
  }
}

mg_status mg_figure_plot(const mg_report *report, mg_figure *figure, int lines, const mg_line *l,
                         bool *missing, mg_log *log) {
  axis a = make_axis(figure->row, lines, l);
  if (!(a.most > 0)) return MG_OK; /* nothing here takes environment steps */
  MG_TRY(write_figure(report, figure, lines, l, &a));
  remove_pictures(report, figure);
  if (*missing) return MG_OK;
  char script[80];
  snprintf(script, sizeof script, "%s.gp", figure->name);
  int code = run_gnuplot(report->folder, script);
  figure->drawn = code == 0;
  if (code == MISSING) {
    *missing = true;
    mg_log_line(log, "figures need gnuplot, which is not installed; tables are written");
  } else if (code != 0) {
    mg_log_warning(log, "gnuplot %s, in %s, ends with code %d: no figure", script, report->folder,
                   code);
  }
  return MG_OK;
}
