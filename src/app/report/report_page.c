/* A report as a page: one order of its parts, in every form. */
#include "app/report/figure.h"
#include "app/run/run_folder.h"
#include "files/safe_file.h"

#include <stdlib.h>
#include <string.h>

/* A form that a page is written in. */
typedef struct form {
  const char *file; /* in the report's folder */
  void (*begin)(const mg_report *report, FILE *to);
  const char *end;
  void (*text)(const char *text, FILE *to); /* escapes */
  void (*table)(const mg_text_table *table, FILE *to);
  void (*figure)(const mg_report *report, const mg_figure *figure, FILE *to);
  /* What stands before and after each. */
  const char *title[2], *paragraph[2], *remark[2], *list[2], *item[2], *figures[2];
} form;

/* ---- parts ---- */

static void print_part(const form *f, const char *const around[2], const char *text, FILE *to) {
  if (!*text) return;
  fputs(around[0], to);
  f->text(text, to);
  fputs(around[1], to);
}

static bool print_tables(const mg_report *report, const form *f, FILE *to) {
  bool ok = true;
  for (const mg_report_table *t = mg_report_tables; ok && t->make; t++) {
    mg_text_table table = t->make(report);
    ok = !table.failed;
    if (ok && table.rows > 0) {
      print_part(f, f->title, t->title, to);
      print_part(f, f->paragraph, t->reading, to);
      f->table(&table, to);
    }
    mg_table_free(&table);
  }
  return ok;
}

static void print_remarks(const mg_report *report, const form *f, FILE *to) {
  for (int k = 0; k < report->cells; k++) {
    const mg_cell *cell = &report->cell[k];
    if (cell->settings < 2) continue;
    fprintf(to, "%s runs of ", f->remark[0]);
    f->text(cell->task, to);
    fprintf(to, ", %lld, ", (long long)cell->trajectories);
    f->text(cell->method, to);
    fprintf(to, " are of %d different settings%s", cell->settings, f->remark[1]);
  }
}

static void print_figures(const mg_report *report, const form *f, FILE *to) {
  for (const mg_figure_row *row = mg_figure_rows; row->name; row++) {
    bool any = false;
    for (int k = 0; k < report->figures; k++) {
      const mg_figure *figure = &report->figure[k];
      if (figure->row != row || !figure->drawn) continue;
      if (!any) {
        print_part(f, f->title, row->title, to);
        print_part(f, f->paragraph, row->reading, to);
        fputs(f->figures[0], to);
      }
      any = true;
      f->figure(report, figure, to);
    }
    if (any) fputs(f->figures[1], to);
  }
}

static void print_partial(const mg_report *report, const form *f, FILE *to) {
  const mg_collection *c = report->collection;
  bool any = false;
  for (int i = 0; i < c->runs; i++) {
    if (strcmp(c->run[i].state, "partial") != 0) continue;
    if (!any) {
      print_part(f, f->title, "Partial runs", to);
      print_part(f, f->paragraph, "Not in the tables, but in the figures.", to);
      fputs(f->list[0], to);
    }
    any = true;
    fputs(f->item[0], to);
    f->text(c->run[i].folder, to);
    fprintf(to, ": %lld of %lld steps%s", (long long)c->run[i].steps,
            (long long)c->run[i].planned_steps, f->item[1]);
  }
  if (any) fputs(f->list[1], to);
}

static void print_skipped(const mg_report *report, const form *f, FILE *to) {
  const mg_collection *c = report->collection;
  if (c->skipped == 0) return;
  print_part(f, f->title, "Skipped folders", to);
  fputs(f->list[0], to);
  for (int i = 0; i < c->skipped; i++) print_part(f, f->item, c->skip[i][1], to);
  fputs(f->list[1], to);
}

/* ---- Markdown ---- */

static void begin_markdown(const mg_report *report, FILE *to) {
  const int runs = report->collection->runs;
  fprintf(to, "# Imitation: results of %d %s\n\n", runs, mg_plural(runs, "run", "runs"));
}

static void print_png(const mg_report *report, const mg_figure *figure, FILE *to) {
  (void)report;
  fprintf(to, "![%s](%s.png)\n\n", figure->name, figure->name);
}

static const form markdown = {
    .file = "report.md",
    .begin = begin_markdown,
    .end = "",
    .text = mg_text_markdown,
    .table = mg_table_print_markdown,
    .figure = print_png,
    .title = {"\n## ", "\n\n"},
    .paragraph = {"", "\n\n"},
    .remark = {"\nNote: the", ".\n"},
    .list = {"", ""},
    .item = {"- ", "\n"},
    .figures = {"", ""},
};

/* ---- HTML: one page without anything beside it, for style and figures stand in it ---- */

static const char HEAD[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<title>mgail: results</title>\n<style>\n"
    "body{margin:0 auto;max-width:1160px;padding:24px;background:#fff;color:#1c1c1c;"
    "font:16px/1.5 system-ui,'Segoe UI',Helvetica,Arial,sans-serif}\n"
    "h1{font-size:1.7em;margin:.2em 0}h2{font-size:1.25em;margin:2em 0 .5em}\n"
    "p{max-width:72ch}.dim{color:#666}\n"
    ".wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}\n"
    "th,td{padding:.3em .8em;text-align:right;white-space:nowrap}\n"
    "th{border-bottom:2px solid #1c1c1c;font-weight:600}th.l,td.l{text-align:left}\n"
    "tr.g td{border-top:1px solid #ccc}tbody tr:hover{background:#f3f6fa}\n"
    "td svg{vertical-align:middle}li{overflow-wrap:anywhere}\n";
static const char HEAD_REST[] =
    ".figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(520px,100%),1fr));"
    "gap:16px}\n.figures svg{width:100%;height:auto}figure{margin:0}\n"
    "@page{size:A4 landscape;margin:10mm}@media "
    "print{body{font-size:12px;padding:0}}figure{break-inside:avoid}\n"
    "</style>\n</head>\n<body>\n";

/* The picture without the XML declaration before it. */
static void print_svg(const mg_report *report, const mg_figure *figure, FILE *to) {
  char name[80], path[MG_FOLDER_PATH_MAX];
  snprintf(name, sizeof name, "%s.svg", figure->name);
  if (mg_run_folder_file(report->folder, name, path, sizeof path) != MG_OK) return;
  char *text = NULL, block[8192];
  size_t size = 0, got;
  FILE *file = fopen(path, "re"), *copy = open_memstream(&text, &size);
  while (file && copy && (got = fread(block, 1, sizeof block, file)) > 0)
    fwrite(block, 1, got, copy);
  if (file) fclose(file);
  bool ok = copy && fclose(copy) == 0 && text;
  const char *svg = ok ? strstr(text, "<svg") : NULL;
  fprintf(to, "<figure>%s</figure>\n", svg ? svg : "");
  free(text);
}

static void begin_html(const mg_report *report, FILE *to) {
  const mg_collection *c = report->collection;
  fputs(HEAD, to);
  fputs(HEAD_REST, to);
  fprintf(to, "<h1>Imitation: results of %d %s</h1>\n<p class=\"dim\">Collected ", c->runs,
          mg_plural(c->runs, "run", "runs"));
  mg_text_html(c->created, to);
  fputs(" in ", to);
  mg_text_html(c->path, to);
  fputs("</p>\n", to);
}

static const form html = {
    .file = "report.html",
    .begin = begin_html,
    .end = "</body>\n</html>\n",
    .text = mg_text_html,
    .table = mg_table_print_html,
    .figure = print_svg,
    .title = {"<h2>", "</h2>\n"},
    .paragraph = {"<p>", "</p>\n"},
    .remark = {"<p class=\"dim\">The", ".</p>\n"},
    .list = {"<ul>\n", "</ul>\n"},
    .item = {"<li>", "</li>\n"},
    .figures = {"<div class=\"figures\">\n", "</div>\n"},
};

/* ---- the page ---- */

static mg_status write_page(const mg_report *report, const form *f) {
  char *text = NULL, path[MG_FOLDER_PATH_MAX];
  size_t size;
  MG_TRY(mg_run_folder_file(report->folder, f->file, path, sizeof path));
  FILE *to = open_memstream(&text, &size);
  bool ok = to != NULL;
  if (ok) {
    f->begin(report, to);
    ok = print_tables(report, f, to);
    print_remarks(report, f, to);
    print_figures(report, f, to);
    print_partial(report, f, to);
    print_skipped(report, f, to);
    fputs(f->end, to);
    ok = fclose(to) == 0 && ok;
  }
  mg_status status =
      ok ? mg_safe_write_text(path, text)
         : mg_fail(MG_ERR_MEMORY, "%s: no memory for the report", report->collection->path);
  free(text);
  return status;
}

mg_status mg_report_write(const mg_report *report) {
  MG_TRY(write_page(report, &markdown));
  return write_page(report, &html);
}
