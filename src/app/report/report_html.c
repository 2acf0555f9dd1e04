/* HTML: one page without anything beside it, for style and figures stand in it. */
#include "app/report/form.h"
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

static void begin(const mg_report *report, FILE *to) {
  const mg_collection *c = report->collection;
  fputs(HEAD, to);
  fputs(HEAD_REST, to);
  fprintf(to, "<h1>Imitation: results of %d runs</h1>\n<p class=\"dim\">Collected ", c->runs);
  mg_text_html(c->created, to);
  fputs(" in ", to);
  mg_text_html(c->path, to);
  fputs("</p>\n", to);
}

const mg_form mg_form_html = {
    .file = "report.html",
    .begin = begin,
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
