/* The project's MJCF files compile to the same models as Gymnasium's own, field by field.
 * Gymnasium's are found in MGAIL_GYMNASIUM_ASSETS, or where python3 has gymnasium; else the tests
 * skip. */
#include "envs/env.h"

#include <criterion/criterion.h>
#include <glob.h>
#include <mujoco/mjxmacro.h>
#include <mujoco/mujoco.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char ours[] = MG_SOURCE_DIR "/envs/assets";

static const char find_gymnasium[] =
    "python3 -c 'import importlib.util, os; "
    "print(os.path.dirname(importlib.util.find_spec(\"gymnasium\").origin))' 2>/dev/null";

/* False if there is no Gymnasium. */
static bool find_assets(char folder[1024]) {
  const char *given = getenv("MGAIL_GYMNASIUM_ASSETS");
  char line[900] = "";
  if (given) return snprintf(folder, 1024, "%s", given) > 0;
  FILE *python = popen(find_gymnasium, "r");
  if (python && !fgets(line, sizeof line, python)) line[0] = '\0';
  if (python) pclose(python);
  line[strcspn(line, "\n")] = '\0';
  snprintf(folder, 1024, "%s/envs/mujoco/assets", line);
  return line[0] && access(folder, R_OK) == 0;
}

/* Without one MuJoCo writes a file into the working folder. */
static void on_warning(const char *message) {
  fprintf(stderr, "%s: %s\n", mg_env_simulator(), message);
}

/* NULL, with MuJoCo's complaint shown, if it does not compile. */
static mjModel *compile(const char *folder, const char *file) {
  char path[1100], complaint[1024] = "";
  snprintf(path, sizeof path, "%s/%s", folder, file);
  mju_user_warning = on_warning;
  mjModel *m = mj_loadXML(path, NULL, complaint, sizeof complaint);
  if (!m) fprintf(stderr, "%s under %s: %s\n", path, mg_env_simulator(), complaint);
  return m;
}

/* Bytes of a model as saved, which hold every field. The caller frees them. */
static unsigned char *save(const mjModel *m, size_t *size) {
  *size = (size_t)mj_sizeModel(m);
  unsigned char *bytes = calloc(*size, 1);
  cr_assert_not_null(bytes);
  mj_saveModel(m, NULL, bytes, (int)*size);
  return bytes;
}

static int differences(const char *file, const mjModel *a, const mjModel *b) {
  int found = 0;
#define DIFFERS(name) (found++, fprintf(stderr, "%s: %s differs\n", file, #name))
#define X(name)                                                                                    \
  if (a->name != b->name) DIFFERS(name);
#ifdef MJMODEL_SIZES
  MJMODEL_SIZES
#else
  MJMODEL_INTS
#endif
#undef X
  if (found) return found; /* arrays of other sizes cannot be compared */
  MJMODEL_POINTERS_PREAMBLE(a)
#define X(type, name, rows, columns)                                                               \
  if ((a->rows) * (columns) > 0 &&                                                                 \
      memcmp(a->name, b->name, sizeof(type) * (size_t)(a->rows) * (size_t)(columns)) != 0)         \
    DIFFERS(name);
#define XNV X
  MJMODEL_POINTERS
#undef X
#undef XNV
  if (memcmp(&a->opt, &b->opt, sizeof a->opt) != 0) DIFFERS(opt);
  if (memcmp(&a->vis, &b->vis, sizeof a->vis) != 0) DIFFERS(vis);
  if (memcmp(&a->stat, &b->stat, sizeof a->stat) != 0) DIFFERS(stat);
  size_t n, k;
  unsigned char *x = save(a, &n), *y = save(b, &k);
  if (n != k || memcmp(x, y, n) != 0) DIFFERS(the saved model);
  free(x);
  free(y);
  return found;
}

Test(models, compile_to_the_same_as_gymnasiums) {
  char theirs[1024];
  if (!find_assets(theirs))
    cr_skip_test("no Gymnasium; set MGAIL_GYMNASIUM_ASSETS to the folder "
                 "gymnasium/envs/mujoco/assets of its wheel");
  int compared = 0;
  glob_t files;
  cr_assert_eq(glob(MG_SOURCE_DIR "/envs/assets/*.xml", 0, NULL, &files), 0);
  for (size_t i = 0; i < files.gl_pathc; i++) {
    const char *file = strrchr(files.gl_pathv[i], '/') + 1;
    mjModel *b = compile(ours, file), *a = compile(theirs, file);
    cr_assert_not_null(b, "%s does not compile", file);
    if (a) { /* else theirs does not compile under this release: said so above */
      compared++;
      cr_expect_eq(differences(file, a, b), 0, "%s is another model than Gymnasium's", file);
      mj_deleteModel(a);
    }
    mj_deleteModel(b);
  }
  globfree(&files);
  cr_assert_gt(compared, 0);
  fprintf(stderr, "%d models compared under %s\n", compared, mg_env_simulator());
}

/* The comparison sees one bit in one number. */
Test(models, a_changed_field_is_found) {
  mjModel *a = compile(ours, "ant.xml"), *b = compile(ours, "ant.xml");
  cr_assert(a && b);
  cr_assert_eq(differences("ant.xml", a, b), 0);
  b->geom_friction[4] *= 1 + 1e-15;
  cr_assert_eq(differences("ant.xml (changed on purpose)", a, b), 2);
  mj_deleteModel(a);
  mj_deleteModel(b);
}
