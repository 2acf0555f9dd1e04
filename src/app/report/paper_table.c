#include "app/report/paper_table.h"

#include "app/methods.h"
#include "app/number.h"
#include "base/installed.h"
#include "files/safe_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *const mg_paper_methods[MG_PAPER_METHODS] = {"bc", "gail", "mgail"};

static const char HEADER[] =
    "task,dataset_size,bc_mean,bc_sd,gail_mean,gail_sd,mgail_mean,mgail_sd";
enum { FIELDS = 8 };

static mg_status parse_row(const char *path, int number, char *line, mg_paper *paper) {
  if (paper->rows == MG_PAPER_ROWS_MAX)
    return mg_fail(MG_ERR_DATA, "%s:%d: more than %d rows", path, number, MG_PAPER_ROWS_MAX);
  char *field[FIELDS], *next = line;
  int fields = 0;
  for (char *f; (f = next) && fields < FIELDS; fields++) {
    if ((next = strchr(f, ','))) *next++ = '\0';
    field[fields] = f;
  }
  if (fields != FIELDS || next)
    return mg_fail(MG_ERR_DATA, "%s:%d: expected %d fields: %s", path, number, FIELDS, HEADER);
  int r = paper->rows++;
  snprintf(paper->row[r].task, sizeof paper->row[r].task, "%.31s", field[0]);
  bool ok = mg_number_parse_whole(field[1], &paper->row[r].trajectories);
  for (int k = 0; k < MG_PAPER_METHODS; k++) {
    ok = ok && mg_number_parse(field[2 + 2 * k], &paper->row[r].mean[k]) &&
         mg_number_parse(field[3 + 2 * k], &paper->row[r].sd[k]);
  }
  return ok ? MG_OK : mg_fail(MG_ERR_DATA, "%s:%d: expected numbers: %s", path, number, HEADER);
}

static mg_status parse(const char *path, FILE *file, mg_paper *paper) {
  char line[512];
  bool header = false;
  for (int number = 1; fgets(line, sizeof line, file); number++) {
    line[strcspn(line, "\r\n")] = '\0';
    if (!*line || *line == '#') continue;
    if (!header) {
      header = true;
      if (strcmp(line, HEADER) == 0) continue;
      return mg_fail(MG_ERR_DATA, "%s:%d: expected the header %s", path, number, HEADER);
    }
    MG_TRY(parse_row(path, number, line, paper));
  }
  return header ? MG_OK : mg_fail(MG_ERR_DATA, "%s: expected the header %s", path, HEADER);
}

/* The installed one, else the source tree's. */
static bool find(char path[MG_PATH_MAX]) {
  if (mg_installed_path("paper.csv", MG_PATH_MAX, path) && mg_is_file(path)) return true;
  snprintf(path, MG_PATH_MAX, "%s", MGAIL_PAPER_SOURCE);
  return mg_is_file(path);
}

mg_status mg_paper_read(const char *path, mg_paper *paper) {
  char found[MG_PATH_MAX];
  paper->rows = 0;
  if (!path) {
    if (!find(found)) return MG_OK;
    path = found;
  } else if (access(path, F_OK) == 0 && !mg_is_file(path)) {
    return mg_fail(MG_ERR_NO_INPUT, "%s: not a regular file", path);
  }
  FILE *file = fopen(path, "re");
  if (!file) return mg_fail(MG_ERR_NO_INPUT, "%s: %s", path, strerror(errno));
  mg_status status = parse(path, file, paper);
  fclose(file);
  return status;
}

bool mg_paper_find(const mg_paper *paper, const char *env_id, int64_t trajectories,
                   const char *method, double *mean, double *sd) {
  const char *version = strstr(env_id, "-v");
  size_t length = version ? (size_t)(version - env_id) : strlen(env_id);
  const char *column = mg_method_named(method)->paper;
  for (int r = 0; r < paper->rows; r++) {
    const char *task = paper->row[r].task;
    bool same =
        strcmp(task, env_id) == 0 || (strlen(task) == length && strncmp(task, env_id, length) == 0);
    if (!same || paper->row[r].trajectories != trajectories) continue;
    for (int k = 0; column && k < MG_PAPER_METHODS; k++) {
      if (strcmp(column, mg_paper_methods[k]) != 0) continue;
      *mean = paper->row[r].mean[k], *sd = paper->row[r].sd[k];
      return true;
    }
  }
  return false;
}
