/* A report as a page: one order of its sections, in every form. A section that would be empty is not
 * there. */
#include "app/report/page.h"
#include "app/run/run_folder.h"
#include "files/safe_file.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SECTIONS_MAX = 24, ID_MAX = 64, LONG_READING = 450 };

typedef struct section {
  const char *title, *reading;
  char id[ID_MAX]; /* for links: the title in small letters, as GitHub makes it of a heading */
  char *body;
  size_t size;
} section;

typedef struct page {
  mg_report *report;
  const mg_form *form;
  int sections;
  section section[SECTIONS_MAX];
  FILE *to; /* the body of the section that is being written */
  bool failed;
} page;

/* ---- sections ---- */

static void begin_section(page *p, const char *title, const char *reading) {
  section *s = &p->section[p->sections];
  *s = (section){.title = title, .reading = reading};
  for (int k = 0; title[k] && k < ID_MAX - 1; k++)
    s->id[k] = (char)(title[k] == ' ' ? '-' : tolower((unsigned char)title[k]));
  p->to = open_memstream(&s->body, &s->size);
  if (!p->to) p->failed = true, p->to = stderr; /* nothing of it is kept */
}

static void end_section(page *p) {
  section *s = &p->section[p->sections];
  if (p->failed || fclose(p->to) != 0 || !s->body) {
    p->failed = true;
    free(s->body);
  } else if (s->size > 0) {
    p->sections++;
  } else {
    free(s->body);
  }
}

/* ---- parts ---- */

static void print_part(const page *p, const char *const around[2], const char *text) {
  if (!*text) return;
  fputs(around[0], p->to);
  p->form->text(text, p->to);
  fputs(around[1], p->to);
}

static void print_table(page *p, mg_text_table (*make)(const mg_report *), const char *name) {
  mg_text_table table = make(p->report);
  if (table.failed) p->failed = true;
  if (!table.failed && table.rows > 0) p->form->table(&table, name, p->to);
  mg_table_free(&table);
}

static void add_table(page *p, int which, void (*remarks)(const page *p)) {
  const mg_report_table *t = &mg_report_tables[which];
  begin_section(p, t->title, t->reading);
  if (!p->failed) print_table(p, t->make, t->title);
  if (!p->failed && remarks) remarks(p);
  end_section(p);
}

/* Whether two methods have results on the same cells. */
static bool same_cells(const mg_report *report, const char *a, const char *b) {
  for (int k = 0; k < report->cells; k++) {
    const mg_cell *cell = &report->cell[k];
    const bool of_a = strcmp(cell->method, a) == 0, of_b = strcmp(cell->method, b) == 0;
    if ((!of_a && !of_b) || cell->finished == 0) continue;
    const char *other = of_a ? b : a;
    bool found = false;
    for (int j = 0; j < report->cells; j++)
      found |= mg_cell_beside(&report->cell[j], cell) && report->cell[j].finished > 0 &&
               strcmp(report->cell[j].method, other) == 0;
    if (!found) return false;
  }
  return true;
}

static void remark_cells(const page *p) {
  for (int k = 1; k < p->report->overalls; k++) {
    if (same_cells(p->report, p->report->overall[0].method, p->report->overall[k].method)) continue;
    print_part(p, p->form->remark,
               "Not all methods have finished runs on the same cells: these scores, and the "
               "performance profiles, are not of the same tasks.");
    return;
  }
}

static void remark_settings(const page *p) {
  const char *before = "Runs of different settings stand together in ";
  for (int k = 0; k < p->report->cells; k++) {
    const mg_cell *cell = &p->report->cell[k];
    char text[160];
    if (cell->settings < 2) continue;
    snprintf(text, sizeof text, "%s, %" PRId64 ", %s (%d settings)", cell->task, cell->trajectories,
             cell->method, cell->settings);
    if (*before != ';') fputs(p->form->remark[0], p->to);
    fputs(before, p->to);
    p->form->text(text, p->to);
    before = "; ";
  }
  if (*before != ';') return;
  putc('.', p->to);
  fputs(p->form->remark[1], p->to);
}

static void add_films(page *p) {
  begin_section(p, "Films",
                "An expert's demonstration, and beside it what was learned from it: of each method "
                "the run in the middle by its result, an episode of its mean action from the "
                "start.");
  fputs(p->report->films > 0 ? p->form->films[0] : "", p->to);
  for (int k = 0; k < p->report->films; k++) p->form->film(p->report, &p->report->film[k], p->to);
  fputs(p->report->films > 0 ? p->form->films[1] : "", p->to);
  if (*p->report->no_films) {
    char text[640];
    snprintf(text, sizeof text, "Not all was filmed: %s.", p->report->no_films);
    print_part(p, p->form->remark, text);
  }
  end_section(p);
}

static void add_figures(page *p, const mg_figure_row *row) {
  begin_section(p, row->title, row->reading);
  if (row->table) print_table(p, row->table, row->title);
  bool any = false;
  for (int k = 0; k < p->report->figures; k++) {
    mg_figure *figure = &p->report->figure[k];
    if (figure->row != row || !figure->drawn) continue;
    if (!any) fputs(p->form->figures[0], p->to);
    any = true;
    p->form->figure(p->report, figure, p->to);
  }
  if (any) fputs(p->form->figures[1], p->to);
  end_section(p);
}

static void add_unfinished(page *p) {
  const mg_collection *c = p->report->collection;
  begin_section(p, "Partial and failed runs",
                "Partial runs are not in the tables, but in the learning curves; what follows them "
                "is why they have no result, as it was when the runs were collected. Of failed and "
                "unreadable ones nothing is in this report but these lines.");
  bool any = false;
  for (int i = 0; i < c->runs; i++) {
    const mg_collected_run *run = &c->run[i];
    if (strcmp(run->state, "partial") != 0) continue;
    if (!any) fputs(p->form->list[0], p->to);
    any = true;
    fputs(p->form->item[0], p->to);
    print_part(p, p->form->strong, run->folder);
    fprintf(p->to, ": %" PRId64 " of %" PRId64 " steps%s", run->steps, run->planned_steps,
            *run->reason ? "; " : "");
    p->form->text(run->reason, p->to);
    fputs(p->form->item[1], p->to);
  }
  if (c->skipped > 0 && !any) fputs(p->form->list[0], p->to);
  for (int i = 0; i < c->skipped; i++) print_part(p, p->form->item, c->skip[i][1]);
  if (any || c->skipped > 0) fputs(p->form->list[1], p->to);
  end_section(p);
}

/* ---- Markdown ---- */

static void begin_markdown(const mg_report *report, FILE *to) {
  const mg_collection *c = report->collection;
  fprintf(to, "# Imitation: results of %d %s\n\nCollected ", c->runs,
          mg_plural(c->runs, "run", "runs"));
  mg_text_markdown(c->created, to);
  fputs(" in ", to);
  mg_text_markdown(c->path, to);
  fputs(".\n\n", to);
}

static void print_md_table(const mg_text_table *table, const char *name, FILE *to) {
  (void)name;
  mg_table_print_markdown(table, to);
  putc('\n', to);
}

static void print_picture(const char *words, const char *name, const char *ending, FILE *to) {
  fputs("![", to);
  mg_text_markdown(words, to);
  fprintf(to, "](%s.%s)\n\n", name, ending);
}

static void print_png(const mg_report *report, mg_figure *figure, FILE *to) {
  (void)report;
  print_picture(figure->words, figure->name, "png", to);
}

static void print_md_film(const mg_report *report, mg_report_one_film *film, FILE *to) {
  (void)report;
  print_picture(film->words, film->name, "webp", to);
  mg_text_markdown(film->task, to);
  fputs(", from left to right: ", to);
  mg_text_markdown(film->words, to);
  fputs(".\n\n", to);
}

static void print_md_title(const char *title, const char *id, FILE *to) {
  (void)id;
  fprintf(to, "\n## %s\n\n", title);
}

static void print_md_content(const char *title, const char *id, FILE *to) {
  fprintf(to, "- [%s](#%s)\n", title, id);
}

static const mg_form markdown = {
    .file = "report.md",
    .begin = begin_markdown,
    .end = "",
    .text = mg_text_markdown,
    .table = print_md_table,
    .figure = print_png,
    .film = print_md_film,
    .title = print_md_title,
    .content = print_md_content,
    .contents = {"", ""},
    .section = {"", ""},
    .paragraph = {"", "\n\n"},
    .explanation = {"", "\n\n"},
    .remark = {"Note: ", "\n\n"},
    .list = {"", ""},
    .item = {"- ", "\n"},
    .strong = {"**", "**"},
    .figures = {"", ""},
    .films = {"", ""},
};

/* ---- the page ---- */

static void fill(page *p) {
  add_table(p, MG_REPORT_OVERALL, remark_cells);
  add_films(p);
  add_table(p, MG_REPORT_MAIN, remark_settings);
  for (const mg_figure_row *row = mg_figure_rows; row->name; row++) add_figures(p, row);
  add_table(p, MG_REPORT_CONTROL, NULL);
  add_table(p, MG_REPORT_SETTINGS, NULL);
  add_unfinished(p);
}

static void print(page *p, FILE *to) {
  const mg_form *f = p->form;
  f->begin(p->report, to);
  fputs(f->contents[0], to);
  for (int k = 0; k < p->sections; k++) f->content(p->section[k].title, p->section[k].id, to);
  fputs(f->contents[1], to);
  p->to = to;
  for (int k = 0; k < p->sections; k++) {
    const section *s = &p->section[k];
    fputs(f->section[0], to);
    f->title(s->title, s->id, to);
    print_part(p, strlen(s->reading) < LONG_READING ? f->paragraph : f->explanation, s->reading);
    fwrite(s->body, 1, s->size, to);
    fputs(f->section[1], to);
  }
  fputs(f->end, to);
}

/* *text, to be freed, and its size. */
static mg_status make_page(mg_report *report, const mg_form *f, char **text, size_t *size) {
  page *p = calloc(1, sizeof *p);
  FILE *to = open_memstream(text, size);
  bool ok = p && to;
  if (ok) {
    p->report = report, p->form = f;
    fill(p);
    print(p, to);
    ok = !p->failed;
  }
  if (to) ok = fclose(to) == 0 && ok;
  for (int k = 0; p && k < p->sections; k++) free(p->section[k].body);
  free(p);
  return ok ? MG_OK
            : mg_fail(MG_ERR_MEMORY, "%s: no memory for the report", report->collection->path);
}

static mg_status write_page(const mg_report *report, const mg_form *f, const char *text) {
  char path[MG_FOLDER_PATH_MAX];
  MG_TRY(mg_run_folder_file(report->folder, f->file, path, sizeof path));
  return mg_safe_write_text(path, text);
}

/* The larger of two that are still on the page. */
static mg_inset *larger(mg_inset *a, mg_inset *b) {
  return b->left_out || b->bytes == 0 || (a && a->bytes >= b->bytes) ? a : b;
}

/* What is left out next: the largest film, and after all of them the largest figure. NULL: nothing is
 * left. */
static mg_inset *find_largest(mg_report *report) {
  mg_inset *film = NULL, *figure = NULL;
  for (int k = 0; k < report->films; k++) film = larger(film, &report->film[k].inset);
  for (int k = 0; k < report->figures; k++) figure = larger(figure, &report->figure[k].inset);
  return film ? film : figure;
}

static void log_left_out(const mg_report *report, mg_log *log) {
  const double most = (double)report->most / 1e6;
  static const char TEXT[] =
      "%s.%s is left out of report.html, which would be larger than %.1f MB; it stands beside it";
  for (int k = 0; k < report->films; k++)
    if (report->film[k].inset.left_out)
      mg_log_warning(log, TEXT, report->film[k].name, "webp", most);
  for (int k = 0; k < report->figures; k++)
    if (report->figure[k].inset.left_out)
      mg_log_warning(log, TEXT, report->figure[k].name, "svg", most);
}

mg_status mg_report_write(mg_report *report, mg_log *log) {
  char *text = NULL;
  size_t size;
  mg_status status = make_page(report, &markdown, &text, &size);
  if (status == MG_OK) status = write_page(report, &markdown, text);
  free(text);
  text = NULL;
  if (status == MG_OK) status = make_page(report, &mg_form_html, &text, &size);
  for (mg_inset *inset; status == MG_OK && size > report->most && (inset = find_largest(report));) {
    inset->left_out = true;
    free(text);
    text = NULL;
    status = make_page(report, &mg_form_html, &text, &size);
  }
  if (status == MG_OK) status = write_page(report, &mg_form_html, text);
  free(text);
  if (status == MG_OK) log_left_out(report, log);
  return status;
}
