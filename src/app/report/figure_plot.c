/* A figure's files: data, and a script for gnuplot, which runs as a child without a shell. */
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

typedef struct axis {
  double unit, least, most, bottom, top; /* x of a unit; its ends in units; ends of y */
  char label[96];
} axis;

static axis make_axis(const mg_figure_row *row, const mg_lines *lines) {
  double least = INFINITY, most = 0, low = INFINITY, high = -INFINITY;
  for (int k = 0; k < lines->count; k++) {
    const mg_line *l = &lines->line[k];
    most = fmax(most, l->x[l->points - 1]);
    if (l->x[0] > 0) least = fmin(least, l->x[0]);
    for (int i = 0; i < l->points; i++) low = fmin(low, l->low[i]), high = fmax(high, l->high[i]);
  }
  const mg_figure_unit *unit = row->unit;
  while (most < unit->from) unit++;
  if (least >= most) least = most / 10;
  const double margin = high > low ? 0.05 * (high - low) : 1;
  axis a = {.unit = unit->size,
            .least = row->of_time ? least / unit->size : 0,
            .most = most / unit->size,
            .bottom = low - margin,
            .top = high + margin};
  snprintf(a.label, sizeof a.label, "%s%s", row->x_label, unit->suffix);
  return a;
}

/* One block a line: x, y, and the ends of its band; blocks are gnuplot's `index`. */
static void print_data(const mg_figure *figure, const mg_lines *lines, const axis *a, FILE *to) {
  fprintf(to, "# %s, in the axis' unit; %s; ends of the band\n", figure->row->x_label,
          figure->row->y_label);
  for (int k = 0; k < lines->count; k++) {
    const mg_line *l = &lines->line[k];
    fprintf(to, "%s# %s\n", k ? "\n\n" : "", l->name);
    for (int i = 0; i < l->points; i++)
      fprintf(to, "%.7g %.7g %.7g %.7g\n", fmax(l->x[i] / a->unit, a->least), l->y[i], l->low[i],
              l->high[i]);
    if (l->points == 1)
      fprintf(to, "%.7g %.7g %.7g %.7g\n", a->most, l->y[0], l->low[0], l->high[0]);
  }
}

/* ---- script ---- */

/* [px] of the SVG file, as if it were as large on a page; a PNG file has twice as many. Terminals take the
 * room for texts differently, so that the places of all are given. */
enum { WIDTH = 560, LEFT = 96, RIGHT = 542, KEY_TOP = 38, KEY_ROW = 28, PLOT = 250, BELOW = 78 };

typedef struct layout {
  int key_rows, top, height;
} layout;

/* Two columns of names, above the plot. */
static layout lay_out(const mg_lines *lines) {
  int named = 0;
  for (int k = 0; k < lines->count; k++) named += *lines->line[k].name != '\0';
  layout l = {.key_rows = (named + 1) / 2};
  l.top = KEY_TOP + KEY_ROW * l.key_rows + 14;
  l.height = l.top + PLOT + BELOW;
  return l;
}

/* A text whose centre is there. */
static void print_label(const layout *l, const char *text, const char *turned, int x, int y,
                        FILE *to) {
  fprintf(to, "set label '%s' at screen %.4f,%.4f center %s textcolor rgb '" MG_FIGURE_INK "'\n",
          text, (double)x / WIDTH, 1 - (double)y / l->height, turned);
}

/* As clocks have it; few of them where the axis is long. */
static void print_time_tics(const axis *a, FILE *to) {
  static const struct {
    double seconds;
    const char *name;
    bool few;
  } tics[] = {{0.01, "0.01 s", 1}, {0.1, "0.1 s", 1},   {0.2, "0.2 s", 0},  {0.5, "0.5 s", 0},
              {1, "1 s", 1},       {2, "2 s", 0},       {5, "5 s", 0},      {10, "10 s", 1},
              {20, "20 s", 0},     {60, "1 min", 1},    {120, "2 min", 0},  {300, "5 min", 0},
              {600, "10 min", 1},  {1200, "20 min", 0}, {3600, "1 h", 1},   {7200, "2 h", 0},
              {18000, "5 h", 0},   {36000, "10 h", 1},  {72000, "20 h", 0}, {180000, "50 h", 0},
              {360000, "100 h", 1}};
  const char *before = "set logscale x\nset xtics (";
  for (size_t k = 0; k < sizeof tics / sizeof *tics; k++) {
    if (a->most > 100 * a->least && !tics[k].few) continue;
    fprintf(to, "%s'%s' %g", before, tics[k].name, tics[k].seconds);
    before = ", ";
  }
  fputs(")\n", to);
}

static void print_head(const mg_figure *figure, const axis *a, const layout *l, FILE *to) {
  fprintf(to,
          "# gnuplot %s.gp, in this folder\n"
          "set encoding utf8\n"
          "set border 3 lc rgb '" MG_FIGURE_FRAME "'\n"
          "set tics nomirror out scale 0.6 textcolor rgb '" MG_FIGURE_INK "'\n"
          "set xtics offset 0,0.3\n"
          "set ytics offset 0.6,0\n"
          "set grid y lc rgb '" MG_FIGURE_GRID "' lw 1 lt 1\n",
          figure->name);
  fprintf(to,
          "set key vertical maxrows %d at screen 0.5,%.4f center top Left reverse samplen 1.6 "
          "spacing 1.05 width -1 textcolor rgb '" MG_FIGURE_INK "'\n",
          l->key_rows, 1 - (double)KEY_TOP / l->height);
  fprintf(to,
          "set lmargin at screen %.4f\nset rmargin at screen %.4f\n"
          "set tmargin at screen %.4f\nset bmargin at screen %.4f\n",
          (double)LEFT / WIDTH, (double)RIGHT / WIDTH, 1 - (double)l->top / l->height,
          (double)BELOW / l->height);
  print_label(l, figure->of, "", WIDTH / 2, 20, to);
  print_label(l, a->label, "", (LEFT + RIGHT) / 2, l->height - 16, to);
  print_label(l, figure->row->y_label, "rotate", 14, l->top + PLOT / 2, to);
  if (figure->row->of_time) print_time_tics(a, to);
  fprintf(to, "set xrange [%.9g:%.9g]\nset yrange [%.9g:%.9g]\n", a->least, a->most, a->bottom,
          a->top);
}

/* How the styles look; a band is drawn where it is not 0. */
static const struct {
  const char *width, *dash, *alpha; /* alpha: two digits before the colour's, 00 is opaque */
  double band;
} looks[] = {
    [MG_LINE_MEAN] = {"2.6", "1", "00", 0.18}, [MG_LINE_FINAL] = {"2.2", "(8,5)", "00", 0.07},
    [MG_LINE_RUN] = {"1.2", "1", "90", 0},     [MG_LINE_WORST] = {"2.6", "1", "00", 0},
    [MG_LINE_DATA] = {"1.5", "4", "00", 0},    [MG_LINE_RANDOM] = {"1.5", "3", "00", 0},
};

static void print_plot(const mg_figure *figure, const mg_lines *lines, FILE *to) {
  const char *before = "plot ";
  for (int k = 0; k < lines->count; k++) { /* bands below all lines */
    const mg_line *l = &lines->line[k];
    if (looks[l->style].band == 0) continue;
    fprintf(to,
            "%s'%s.dat' index %d using 1:3:4 with filledcurves fs transparent solid %.2f noborder "
            "lc rgb '%s' notitle",
            before, figure->name, k, looks[l->style].band, l->colour);
    before = ", \\\n  ";
  }
  for (int k = 0; k < lines->count; k++) {
    const mg_line *l = &lines->line[k];
    fprintf(to, "%s'%s.dat' index %d using 1:2 with lines lw %s dt %s lc rgb '#%s%s' title '%s'",
            before, figure->name, k, looks[l->style].width, looks[l->style].dash,
            looks[l->style].alpha, l->colour + 1, l->name);
    before = ", \\\n  ";
  }
  putc('\n', to);
}

static void print_script(const mg_figure *figure, const mg_lines *lines, const axis *a, FILE *to) {
  const layout l = lay_out(lines);
  char id[64]; /* letters, digits and _ only */
  strcpy(id, figure->name);
  for (char *c = id; *c; c++)
    if (*c == '-' || *c == '.') *c = '_';
  print_head(figure, a, &l, to);
  fprintf(to,
          "set terminal svg noenhanced size %d,%d font 'Helvetica,18' background rgb "
          "'" MG_FIGURE_PAPER "' name '%s'\n"
          "set output '%s.svg'\n",
          WIDTH, l.height, id, figure->name);
  print_plot(figure, lines, to);
  fprintf(to,
          "set output\n"
          "if (strstrt(GPVAL_TERMINALS, ' pngcairo ') > 0) {\n"
          "  set terminal pngcairo noenhanced size %d,%d font 'Sans,21' linewidth 2\n"
          "} else {\n"
          "  set terminal png noenhanced size %d,%d truecolor linewidth 2\n"
          "}\n"
          "set output '%s.png'\nreplot\nset output\n",
          2 * WIDTH, 2 * l.height, 2 * WIDTH, 2 * l.height, figure->name);
}

/* ---- words ---- */

/* For those who do not see the figure: where its named lines are. */
static void tell(mg_figure *figure, const mg_lines *lines) {
  const mg_figure_row *row = figure->row;
  char *words = figure->words;
  const size_t size = sizeof figure->words;
  size_t n = (size_t)snprintf(words, size, "%s, %s", row->title, figure->of);
  for (int k = 0; k < lines->count && n < size; k++) {
    const mg_line *l = &lines->line[k];
    if (!*l->name) continue;
    int i = 0;
    while (i < l->points - 1 && l->x[i] < row->told) i++;
    n += (size_t)snprintf(words + n, size - n, "; %s", l->name);
    if (l->style == MG_LINE_DATA || l->style == MG_LINE_RANDOM || n >= size) continue;
    if (isfinite(row->told))
      n += (size_t)snprintf(words + n, size - n, ": %.0f %% above %g", 100 * l->y[i], row->told);
    else
      n += (size_t)snprintf(words + n, size - n, ": %.6g at the end", l->y[i]);
  }
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

static mg_status write_figure(const mg_report *report, const mg_figure *figure,
                              const mg_lines *lines, const axis *a) {
  for (int script = 0; script < 2; script++) {
    char name[80], path[MG_FOLDER_PATH_MAX], *text = NULL;
    size_t size;
    snprintf(name, sizeof name, "%s.%s", figure->name, script ? "gp" : "dat");
    MG_TRY(mg_run_folder_file(report->folder, name, path, sizeof path));
    FILE *stream = open_memstream(&text, &size);
    if (stream && script) print_script(figure, lines, a, stream);
    if (stream && !script) print_data(figure, lines, a, stream);
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

mg_status mg_figure_plot(const mg_report *report, mg_figure *figure, const mg_lines *lines,
                         bool *missing, mg_log *log) {
  axis a = make_axis(figure->row, lines);
  if (!(a.most > 0)) return MG_OK; /* nothing here takes environment steps */
  tell(figure, lines);
  MG_TRY(write_figure(report, figure, lines, &a));
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
