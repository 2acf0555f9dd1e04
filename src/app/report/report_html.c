/* One page without anything beside it: style and figures stand in it. */
#include "app/report/report.h"
#include "app/run/run_folder.h"

#include <stdlib.h>
#include <string.h>

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

static bool print_table(mg_text_table table, const char *head, const char *picture, FILE *to) {
  bool ok = !table.failed;
  if (ok && table.rows > 0) {
    fputs(head, to);
    mg_table_print_html(&table, picture, to);
  }
  mg_table_free(&table);
  return ok;
}

/* The picture without the XML declaration before it. */
static bool print_svg(const mg_report *report, const mg_figure *figure, FILE *to) {
  char name[80], path[MG_FOLDER_PATH_MAX];
  snprintf(name, sizeof name, "%s.svg", figure->name);
  if (mg_run_folder_file(report->folder, name, path, sizeof path) != MG_OK) return false;
  char *text = NULL, block[8192];
  size_t size = 0, got;
  FILE *file = fopen(path, "re"), *copy = open_memstream(&text, &size);
  while (file && copy && (got = fread(block, 1, sizeof block, file)) > 0)
    fwrite(block, 1, got, copy);
  if (file) fclose(file);
  bool ok = copy && fclose(copy) == 0 && text;
  const char *begin = ok ? strstr(text, "<svg") : NULL;
  if (begin) fputs(begin, to);
  free(text);
  return begin != NULL;
}

static void print_figures(const mg_report *report, FILE *to) {
  bool any = false;
  for (int k = 0; k < report->figures; k++) {
    if (!report->figure[k].drawn) continue;
    if (!any)
      fputs("<h2>Learning curves</h2>\n<p>Evaluations during training with the mean action. Line: "
            "mean over runs, their number in brackets; band: from the least to the most. Dashed: a "
            "method that takes no environment steps, by its final result.</p>\n"
            "<div class=\"figures\">\n",
            to);
    any = true;
    fputs("<figure>", to);
    print_svg(report, &report->figure[k], to);
    fputs("</figure>\n", to);
  }
  if (any) fputs("</div>\n", to);
}

static void print_notes(const mg_report *report, FILE *to) {
  for (int k = 0; k < report->cells; k++) {
    const mg_cell *cell = &report->cell[k];
    if (cell->settings < 2) continue;
    fputs("<p class=\"dim\">The runs of ", to);
    mg_text_html(cell->task, to);
    fprintf(to, ", %lld, ", (long long)cell->trajectories);
    mg_text_html(cell->method, to);
    fprintf(to, " are of %d different settings.</p>\n", cell->settings);
  }
}

static void print_lists(const mg_report *report, FILE *to) {
  const mg_collection *c = report->collection;
  bool any = false;
  for (int i = 0; i < c->runs; i++) {
    if (strcmp(c->run[i].state, "partial") != 0) continue;
    if (!any)
      fputs("<h2>Partial runs</h2>\n<p>Not in the tables, but in the figures.</p>\n<ul>\n", to);
    any = true;
    fputs("<li>", to);
    mg_text_html(c->run[i].folder, to);
    fprintf(to, ": %lld of %lld steps</li>\n", (long long)c->run[i].steps,
            (long long)c->run[i].planned_steps);
  }
  if (any) fputs("</ul>\n", to);
  if (c->skipped == 0) return;
  fputs("<h2>Skipped folders</h2>\n<ul>\n", to);
  for (int i = 0; i < c->skipped; i++) {
    fputs("<li>", to);
    mg_text_html(c->skip[i][1], to);
    fputs("</li>\n", to);
  }
  fputs("</ul>\n", to);
}

static bool print_page(const mg_report *report, FILE *to) {
  const mg_collection *c = report->collection;
  static const char PICTURE[] = "random | expert";
  fputs(HEAD, to);
  fputs(HEAD_REST, to);
  fprintf(to, "<h1>Imitation: results of %d runs</h1>\n<p class=\"dim\">Collected ", c->runs);
  mg_text_html(c->created, to);
  fputs(" in ", to);
  mg_text_html(c->path, to);
  fputs("</p>\n<p>", to);
  mg_text_html(mg_report_reading, to);
  fputs("</p>\n", to);
  bool ok = print_table(mg_report_main_table(report, true), "", PICTURE, to) &&
            print_table(mg_report_overall_table(report),
                        "<h2>All cells of a method together</h2>\n", NULL, to) &&
            print_table(mg_report_control_table(report, true),
                        "<h2>No expert</h2>\n<p>Method none: the discriminator is never updated, "
                        "so that its reward knows nothing of the expert.</p>\n",
                        PICTURE, to);
  print_notes(report, to);
  print_figures(report, to);
  print_lists(report, to);
  fputs("</body>\n</html>\n", to);
  return ok;
}

mg_status mg_report_write_html(const mg_report *report) {
  char *text = NULL;
  size_t size;
  FILE *stream = open_memstream(&text, &size);
  bool ok = stream && print_page(report, stream);
  ok = stream && fclose(stream) == 0 && ok;
  mg_status status =
      ok ? mg_report_write(report, "report.html", text)
         : mg_fail(MG_ERR_MEMORY, "%s: no memory for the report", report->collection->path);
  free(text);
  return status;
}
