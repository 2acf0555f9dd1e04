/* A report as a page: one order of its parts, in every form. */
#include "app/report/figure.h"
#include "app/report/form.h"
#include "app/run/run_folder.h"
#include "files/safe_file.h"

#include <stdlib.h>
#include <string.h>

/* ---- parts ---- */

static void print_part(const mg_form *form, const char *const around[2], const char *text,
                       FILE *to) {
  if (!*text) return;
  fputs(around[0], to);
  form->text(text, to);
  fputs(around[1], to);
}

static bool print_tables(const mg_report *report, const mg_form *form, FILE *to) {
  bool ok = true;
  for (const mg_report_table *t = mg_report_tables; ok && t->make; t++) {
    mg_text_table table = t->make(report);
    ok = !table.failed;
    if (ok && table.rows > 0) {
      print_part(form, form->title, t->title, to);
      print_part(form, form->paragraph, t->reading, to);
      form->table(&table, to);
    }
    mg_table_free(&table);
  }
  return ok;
}

static void print_remarks(const mg_report *report, const mg_form *form, FILE *to) {
  for (int k = 0; k < report->cells; k++) {
    const mg_cell *cell = &report->cell[k];
    if (cell->settings < 2) continue;
    fprintf(to, "%s runs of ", form->remark[0]);
    form->text(cell->task, to);
    fprintf(to, ", %lld, ", (long long)cell->trajectories);
    form->text(cell->method, to);
    fprintf(to, " are of %d different settings%s", cell->settings, form->remark[1]);
  }
}

static void print_figures(const mg_report *report, const mg_form *form, FILE *to) {
  for (const mg_figure_row *row = mg_figure_rows; row->name; row++) {
    bool any = false;
    for (int k = 0; k < report->figures; k++) {
      const mg_figure *figure = &report->figure[k];
      if (figure->row != row || !figure->drawn) continue;
      if (!any) {
        print_part(form, form->title, row->title, to);
        print_part(form, form->paragraph, row->reading, to);
        fputs(form->figures[0], to);
      }
      any = true;
      form->figure(report, figure, to);
    }
    if (any) fputs(form->figures[1], to);
  }
}

static void print_partial(const mg_report *report, const mg_form *form, FILE *to) {
  const mg_collection *c = report->collection;
  bool any = false;
  for (int i = 0; i < c->runs; i++) {
    if (strcmp(c->run[i].state, "partial") != 0) continue;
    if (!any) {
      print_part(form, form->title, "Partial runs", to);
      print_part(form, form->paragraph, "Not in the tables, but in the figures.", to);
      fputs(form->list[0], to);
    }
    any = true;
    fputs(form->item[0], to);
    form->text(c->run[i].folder, to);
    fprintf(to, ": %lld of %lld steps%s", (long long)c->run[i].steps,
            (long long)c->run[i].planned_steps, form->item[1]);
  }
  if (any) fputs(form->list[1], to);
}

static void print_skipped(const mg_report *report, const mg_form *form, FILE *to) {
  const mg_collection *c = report->collection;
  if (c->skipped == 0) return;
  print_part(form, form->title, "Skipped folders", to);
  fputs(form->list[0], to);
  for (int i = 0; i < c->skipped; i++) print_part(form, form->item, c->skip[i][1], to);
  fputs(form->list[1], to);
}

/* ---- Markdown ---- */

static void begin_markdown(const mg_report *report, FILE *to) {
  fprintf(to, "# Imitation: results of %d runs\n\n", report->collection->runs);
}

static void print_png(const mg_report *report, const mg_figure *figure, FILE *to) {
  (void)report;
  fprintf(to, "![%s](%s.png)\n\n", figure->name, figure->name);
}

const mg_form mg_form_markdown = {
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

/* ---- the page ---- */

static mg_status write_page(const mg_report *report, const mg_form *form) {
  char *text = NULL, path[MG_FOLDER_PATH_MAX];
  size_t size;
  MG_TRY(mg_run_folder_file(report->folder, form->file, path, sizeof path));
  FILE *to = open_memstream(&text, &size);
  bool ok = to != NULL;
  if (ok) {
    form->begin(report, to);
    ok = print_tables(report, form, to);
    print_remarks(report, form, to);
    print_figures(report, form, to);
    print_partial(report, form, to);
    print_skipped(report, form, to);
    fputs(form->end, to);
    ok = fclose(to) == 0 && ok;
  }
  mg_status status =
      ok ? mg_safe_write_text(path, text)
         : mg_fail(MG_ERR_MEMORY, "%s: no memory for the report", report->collection->path);
  free(text);
  return status;
}

mg_status mg_report_write(const mg_report *report) {
  MG_TRY(write_page(report, &mg_form_markdown));
  return write_page(report, &mg_form_html);
}
