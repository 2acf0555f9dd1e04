/* A report as HTML: one page without anything beside it, for its style, its figures and its films stand in
 * it. It follows the reader's choice of light or dark, and the width of the screen. */
#include "app/report/page.h"
#include "app/run/run_folder.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- style ---- */

static const char *const HEAD[] = {
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n"
    "<title>mgail: results</title>\n<style>\n"
    ":root{color-scheme:light dark;--paper:#fff;--card:#fff;--ink:#1c1e21;--dim:#5a6068;"
    "--frame:#6b7178;--line:#dfe3e7;--link:#0058a3;--hover:#f1f5fa}\n"
    "@media (prefers-color-scheme:dark){:root{--paper:#14171a;--card:#1b1f23;--ink:#e6e8ea;"
    "--dim:#a5acb4;--frame:#8b929a;--line:#363c42;--link:#7db8f0;--hover:#22272c}figure svg,td "
    "svg{filter:brightness(1.25)}}\n"
    "@media print{:root{color-scheme:light;--paper:#fff;--card:#fff;--ink:#1c1e21;--dim:#5a6068;"
    "--frame:#6b7178;--line:#dfe3e7}figure svg,td svg{filter:none}}\n",
    "*{box-sizing:border-box}html{-webkit-text-size-adjust:100%;scroll-padding-top:64px}\n"
    "body{margin:0 auto;max-width:1400px;padding:16px;background:var(--paper);color:var(--ink);"
    "font:16px/1.55 system-ui,'Segoe UI',Roboto,Helvetica,Arial,sans-serif}\n"
    "h1{font-size:1.6em;line-height:1.25;margin:.2em 0 .3em}"
    "h2{font-size:1.25em;line-height:1.3;margin:0 0 .4em}"
    "section{margin:2.4em 0 0}p{max-width:72ch;margin:.4em 0 .8em}\n"
    "a{color:var(--link)}.dim{color:var(--dim);overflow-wrap:anywhere}"
    "p.read{color:var(--dim);font-size:.92em}\n"
    "nav{position:sticky;top:0;z-index:2;background:var(--paper);margin:0 -16px;padding:8px 16px;"
    "border-bottom:1px solid var(--line);overflow-x:auto}"
    "nav ul{list-style:none;margin:0;padding:0;display:flex;gap:8px;width:max-content}"
    "nav a{display:block;padding:.25em .75em;border:1px solid var(--line);border-radius:1em;"
    "text-decoration:none;font-size:.9em;white-space:nowrap}nav a:hover{background:var(--hover)}\n",
    ".wide{overflow-x:auto;border:1px solid var(--line);border-radius:8px;margin:0 0 1em;"
    "max-width:max-content;background:var(--card)}"
    ".wide:focus-visible,a:focus-visible,summary:focus-visible{outline:2px solid var(--link);"
    "outline-offset:2px}\n"
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.92em}"
    "th,td{padding:.38em .8em;text-align:right;white-space:nowrap;font-weight:400}"
    "thead th{border-bottom:1px solid var(--frame);font-weight:600}th.l,td.l{text-align:left}"
    "tr>:first-child{position:sticky;left:0;background:var(--card);font-weight:600}"
    "tr.g>*{border-top:1px solid var(--line)}tbody tr:hover>*{background:var(--hover)}"
    "th[colspan]{text-align:left;padding-top:.7em}th[colspan] span{position:sticky;left:.8em}"
    "td svg{display:block}\n"
    ".figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(400px,100%),1fr));"
    "gap:14px;align-items:start}.films{grid-template-columns:repeat(auto-fill,minmax(min(560px,100%"
    "),"
    "1fr))}.films img{max-width:640px}figure{margin:0;padding:8px;border:1px solid "
    "var(--line);border-radius:8px;"
    "background:var(--card);min-width:0;break-inside:avoid}"
    "figure svg,figure img{display:block;width:100%;height:auto;border-radius:4px}"
    "figcaption{font-size:.9em;color:var(--dim);padding:.5em .3em .2em}"
    "summary{cursor:pointer;font-weight:600;padding:.1em .3em .5em}"
    ".read>summary{color:var(--link);font-weight:400;font-size:.92em;padding:0 0 .5em}\n"
    "ul.runs{padding-left:1.2em;max-width:100ch}.runs li{overflow-wrap:anywhere;margin:.35em 0}\n",
    "@media (min-width:900px){body{padding:24px 32px}nav{margin:0 -32px;padding:8px 32px}}\n"
    "@media (max-width:600px){body{font-size:15.5px}th,td{padding:.36em .38em}"
    "figure{padding:4px}}\n"
    "@media print{nav{display:none}body{max-width:none;font-size:11px;padding:0}}"
    "@page{size:A4 landscape;margin:10mm}\n"
    "</style>\n</head>\n<body>\n"};

static void begin_html(const mg_report *report, FILE *to) {
  const mg_collection *c = report->collection;
  int finished = 0;
  for (int k = 0; k < report->cells; k++) finished += report->cell[k].finished;
  for (size_t k = 0; k < sizeof HEAD / sizeof *HEAD; k++) fputs(HEAD[k], to);
  fprintf(to,
          "<header>\n<h1>Imitation: results of %d %s</h1>\n<p class=\"dim\">%d finished, %d "
          "partial; %d %s could not be read. Collected ",
          c->runs, mg_plural(c->runs, "run", "runs"), finished, c->runs - finished, c->skipped,
          mg_plural(c->skipped, "folder", "folders"));
  mg_text_html(c->created, to);
  fputs(" in ", to);
  mg_text_html(c->path, to);
  fputs("</p>\n</header>\n", to);
}

static void print_title(const char *title, const char *id, FILE *to) {
  fprintf(to, "<h2 id=\"%s\">%s</h2>\n", id, title);
}

static void print_content(const char *title, const char *id, FILE *to) {
  fprintf(to, "<li><a href=\"#%s\">%s</a></li>\n", id, title);
}

/* ---- insets ---- */

/* The whole of a file of the report's folder, to be freed, and a zero behind it; NULL: it cannot be
 * read. */
static char *read_beside(const mg_report *report, const char *name, const char *ending,
                         size_t *size) {
  char file[96], path[MG_FOLDER_PATH_MAX], block[8192];
  snprintf(file, sizeof file, "%s.%s", name, ending);
  if (mg_run_folder_file(report->folder, file, path, sizeof path) != MG_OK) return NULL;
  char *bytes = NULL;
  FILE *from = fopen(path, "re"), *copy = from ? open_memstream(&bytes, size) : NULL;
  for (size_t got; copy && (got = fread(block, 1, sizeof block, from)) > 0;)
    fwrite(block, 1, got, copy);
  bool ok = copy && !ferror(from) && !ferror(copy);
  if (copy) ok = fclose(copy) == 0 && ok;
  if (from) fclose(from);
  if (ok) return bytes;
  free(bytes);
  return NULL;
}

/* Instead of an inset that is left out, or whose file is gone. */
static void print_absent(const mg_report *report, const char *name, const char *ending,
                         const mg_inset *inset, FILE *to) {
  fprintf(to, "<figcaption>%s.%s", name, ending);
  if (inset->left_out)
    fprintf(to,
            ", %.2f MB, is left out: this page would be larger than %.1f MB. It stands beside it.",
            (double)inset->bytes / 1e6, (double)report->most / 1e6);
  else
    fputs(" could not be read when this page was made.", to);
  fputs("</figcaption>\n", to);
}

/* A colour that gnuplot was told, as it writes it in one place or another, and what it is here. */
static bool find_colour(const char *at, size_t *length, const char **instead) {
  static const struct {
    int grey;
    const char *name;
  } greys[] = {{0x33, "var(--ink)"}, {0x55, "var(--frame)"}, {0xe4, "var(--line)"}};
  if (strncmp(at, "\"" MG_FIGURE_PAPER "\"", 9) == 0) {
    *length = 9, *instead = "\"none\"";
    return true;
  }
  int r, g, b, n = 0;
  if (sscanf(at, "rgb(%d,%d,%d)%n", &r, &g, &b, &n) != 3 || n == 0 || r != g || g != b)
    return false;
  for (size_t k = 0; k < sizeof greys / sizeof *greys; k++) {
    if (greys[k].grey != r) continue;
    *length = (size_t)n, *instead = greys[k].name;
    return true;
  }
  return false;
}

/* What of gnuplot's picture is not wanted here: marks that nothing uses, names that a pointer would show, an
 * id that all pictures have. Where it begins and ends; how long it is, 0: it is not here. */
static size_t unwanted(const char *at) {
  static const char *const parts[][2] = {{"<defs>", "</defs>"},
                                         {"<title>", "</title>"},
                                         {"<desc>", "</desc>"},
                                         {" id=\"gnuplot_canvas\"", ""}};
  for (size_t k = 0; k < sizeof parts / sizeof *parts; k++) {
    if (strncmp(at, parts[k][0], strlen(parts[k][0])) != 0) continue;
    const char *end = strstr(at + strlen(parts[k][0]), parts[k][1]);
    if (end) return (size_t)(end - at) + strlen(parts[k][1]);
  }
  return 0;
}

/* gnuplot's picture in this page's greys. */
static void print_svg(const mg_report *report, mg_figure *figure, FILE *to) {
  size_t size = 0;
  char *text = figure->inset.left_out ? NULL : read_beside(report, figure->name, "svg", &size);
  const char *at = text ? strstr(text, "<svg") : NULL;
  fputs("<figure>", to);
  if (!at) print_absent(report, figure->name, "svg", &figure->inset, to);
  if (at) {
    figure->inset.bytes = size;
    fputs("<svg role=\"img\" aria-label=\"", to);
    mg_text_html(figure->words, to);
    putc('"', to);
    at += strlen("<svg");
  }
  while (at && *at) {
    const char *instead;
    size_t length = *at == '<' || *at == ' ' ? unwanted(at) : 0;
    if (length > 0) {
      at += length;
    } else if ((*at == '"' || *at == 'r') && find_colour(at, &length, &instead)) {
      fputs(instead, to);
      at += length;
    } else {
      putc(*at++, to);
    }
  }
  fputs("</figure>\n", to);
  free(text);
}

static void print_base64(const char *bytes, size_t size, FILE *to) {
  static const char SIGNS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (size_t i = 0; i < size; i += 3) {
    const size_t n = size - i < 3 ? size - i : 3;
    uint32_t three = 0;
    for (size_t k = 0; k < 3; k++) three = three << 8 | (k < n ? (unsigned char)bytes[i + k] : 0);
    for (size_t k = 0; k < 4; k++) putc(k <= n ? SIGNS[three >> (18 - 6 * k) & 63] : '=', to);
  }
}

/* It can be closed, for whom what moves disturbs. */
static void print_webp(const mg_report *report, mg_report_one_film *film, FILE *to) {
  size_t size = 0;
  char *bytes = film->inset.left_out ? NULL : read_beside(report, film->name, "webp", &size);
  fputs("<figure>", to);
  if (!bytes) print_absent(report, film->name, "webp", &film->inset, to);
  if (bytes) {
    film->inset.bytes = (size + 2) / 3 * 4;
    fputs("<details open><summary>", to);
    mg_text_html(film->task, to);
    fputs("</summary><img alt=\"", to);
    mg_text_html(film->task, to);
    fputs(", side by side: ", to);
    mg_text_html(film->words, to);
    fputs("\" src=\"data:image/webp;base64,", to);
    print_base64(bytes, size, to);
    fputs("\"></details><figcaption>From left to right: ", to);
    mg_text_html(film->words, to);
    fputs(".</figcaption>", to);
  }
  fputs("</figure>\n", to);
  free(bytes);
}

const mg_form mg_form_html = {
    .file = "report.html",
    .begin = begin_html,
    .end = "</main>\n</body>\n</html>\n",
    .text = mg_text_html,
    .table = mg_table_print_html,
    .figure = print_svg,
    .film = print_webp,
    .title = print_title,
    .content = print_content,
    .contents = {"<nav aria-label=\"Contents\"><ul>\n", "</ul></nav>\n<main>\n"},
    .section = {"<section>\n", "</section>\n"},
    .paragraph = {"<p class=\"read\">", "</p>\n"},
    .explanation = {"<details class=\"read\"><summary>How to read this</summary><p class=\"read\">",
                    "</p></details>\n"},
    .remark = {"<p class=\"read\">", "</p>\n"},
    .list = {"<ul class=\"runs\">\n", "</ul>\n"},
    .item = {"<li>", "</li>\n"},
    .strong = {"<b>", "</b>"},
    .figures = {"<div class=\"figures\">\n", "</div>\n"},
    .films = {"<div class=\"figures films\">\n", "</div>\n"},
};
