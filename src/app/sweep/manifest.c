#include "app/sweep/manifest.h"

#include "app/number.h"
#include "base/hash.h"
#include "files/safe_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { VERSION = 1, LINE_MAX_ = sizeof(mg_sweep_run) + 64, FILE_MAX = 1 << 26 };

static const char COLUMNS[] = "folder\tranks\tminutes\tpack\tsbatch\taxes\tsettings\n";

mg_status mg_sweep_path(const char *folder, const char *room, const char *name, const char *ending,
                        char path[MG_FOLDER_PATH_MAX]) {
  const int n = snprintf(path, MG_FOLDER_PATH_MAX, "%s/%s/%s%s", folder, room, name, ending);
  if (n >= 0 && n < MG_FOLDER_PATH_MAX) return MG_OK;
  return mg_fail(MG_ERR_CREATE, "%.64s...: path of more than %d bytes", folder,
                 MG_FOLDER_PATH_MAX - 1);
}

mg_sweep_point mg_sweep_run_point(const mg_sweep_run *run) {
  mg_sweep_point point = {0};
  for (const char *word = run->axes; *word && point.axes < MG_SWEEP_AXES_MAX;) {
    const int length = (int)strcspn(word, " "), name = (int)strcspn(word, "=");
    snprintf(point.axis[point.axes].name, MG_SWEEP_AXIS_MAX, "%.*s", name, word);
    snprintf(point.axis[point.axes++].value, MG_SWEEP_VALUE_MAX, "%.*s", length - name - 1,
             word + name + 1);
    word += length + strspn(word + length, " ");
  }
  return point;
}

/* ---- in memory ---- */

mg_status mg_manifest_add(mg_manifest *manifest, const mg_sweep_run *run) {
  if (manifest->runs == MG_SWEEP_RUNS_MAX)
    return mg_fail(MG_ERR_CONFIG, "more than %d runs", MG_SWEEP_RUNS_MAX);
  if (manifest->runs == manifest->capacity) {
    const int capacity = manifest->capacity ? 2 * manifest->capacity : 64;
    void *larger = realloc(manifest->run, (size_t)capacity * sizeof *run);
    if (!larger) return mg_fail(MG_ERR_MEMORY, "out of memory for %d runs", capacity);
    manifest->run = larger, manifest->capacity = capacity;
  }
  manifest->run[manifest->runs++] = *run;
  return MG_OK;
}

int mg_manifest_find(const mg_manifest *manifest, const char *name) {
  for (int i = 0; i < manifest->runs; i++)
    if (strcmp(manifest->run[i].name, name) == 0) return i;
  return -1;
}

void mg_manifest_free(mg_manifest *manifest) {
  free(manifest->run);
  *manifest = (mg_manifest){0};
}

/* ---- writing ---- */

mg_status mg_manifest_write(const char *folder, const mg_manifest *manifest) {
  const size_t room = (size_t)manifest->runs * LINE_MAX_ + 256;
  char path[MG_FOLDER_PATH_MAX], *text = malloc(room), *body = malloc(room);
  mg_status status = mg_run_folder_file(folder, "manifest.tsv", path, sizeof path);
  if (status == MG_OK && (!text || !body))
    status = mg_fail(MG_ERR_MEMORY, "out of memory for a manifest of %d runs", manifest->runs);
  if (status == MG_OK) {
    int used = snprintf(body, room, "%s", COLUMNS);
    for (int i = 0; i < manifest->runs; i++) {
      const mg_sweep_run *r = &manifest->run[i];
      used += snprintf(body + used, room - (size_t)used, "%s\t%d\t%d\t%d\t%s\t%s\t%s\n", r->name,
                       r->ranks, r->minutes, r->pack, r->sbatch, r->axes, r->settings);
    }
    snprintf(text, room, "mgail-sweep %d, runs %d, checksum %016" PRIx64 "\n%s", VERSION,
             manifest->runs, mg_hash_bytes(body, (size_t)used), body);
    status = mg_safe_write_text(path, text);
  }
  free(text);
  free(body);
  return status;
}

/* ---- reading ---- */

/* The line's next column; *line moves behind it. False where there is none. */
static bool take_text(char **line, size_t capacity, char *text) {
  if (!*line) return false;
  const size_t length = strcspn(*line, "\t");
  if (length >= capacity) return false;
  memcpy(text, *line, length);
  text[length] = '\0';
  *line = (*line)[length] ? *line + length + 1 : NULL;
  return true;
}

static bool take_whole(char **line, int *value) {
  char text[32];
  int64_t whole;
  if (!take_text(line, sizeof text, text) || !mg_number_parse_whole(text, &whole)) return false;
  *value = (int)whole;
  return whole > 0 && whole <= 10000000;
}

static bool take_run(char *line, mg_sweep_run *r) {
  return take_text(&line, sizeof r->name, r->name) && take_whole(&line, &r->ranks) &&
         take_whole(&line, &r->minutes) && take_whole(&line, &r->pack) &&
         take_text(&line, sizeof r->sbatch, r->sbatch) &&
         take_text(&line, sizeof r->axes, r->axes) &&
         take_text(&line, sizeof r->settings, r->settings) && !line;
}

static mg_status take_lines(const char *path, char *text, mg_manifest *manifest) {
  int version = 0, runs = 0;
  uint64_t checksum = 0;
  char *body = strchr(text, '\n');
  if (sscanf(text, "mgail-sweep %d", &version) == 1 && version != VERSION)
    return mg_fail(
        MG_ERR_DATA,
        "%s: a manifest of version %d; this program reads version %d: use the mgail that "
        "made it, or expand the sweep into another folder",
        path, version, VERSION);
  if (!body ||
      sscanf(text, "mgail-sweep %d, runs %d, checksum %" SCNx64, &version, &runs, &checksum) != 3 ||
      checksum != mg_hash_bytes(body + 1, strlen(body + 1)))
    return mg_fail(MG_ERR_DATA,
                   "%s: damaged or edited: its checksum is not that of its content; expected the "
                   "manifest as mgail sweep expand wrote it",
                   path);
  char *line = strchr(body + 1, '\n');
  for (int number = 3; line && line[1]; number++) {
    char *next = strchr(line + 1, '\n');
    mg_sweep_run run;
    if (next) *next = '\0';
    if (!take_run(line + 1, &run))
      return mg_fail(MG_ERR_DATA, "%s:%d: not a line of a manifest", path, number);
    MG_TRY(mg_manifest_add(manifest, &run));
    line = next;
  }
  return MG_OK;
}

mg_status mg_manifest_read(const char *folder, mg_manifest *manifest) {
  char path[MG_FOLDER_PATH_MAX], *text;
  struct stat info;
  *manifest = (mg_manifest){0};
  MG_TRY(mg_run_folder_file(folder, "manifest.tsv", path, sizeof path));
  if (stat(path, &info) != 0)
    return mg_fail(MG_ERR_NO_INPUT,
                   "%s: %s; expected the folder of a sweep: mgail sweep expand FILE --output %s",
                   path, strerror(errno), folder);
  MG_TRY(mg_safe_read_text(path, FILE_MAX, &text));
  const mg_status status = take_lines(path, text, manifest);
  free(text);
  return status;
}
