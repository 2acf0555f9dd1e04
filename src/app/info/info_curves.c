#include "app/info/info.h"
#include "app/json.h"
#include "base/log.h"
#include "files/curves/curves_summary.h"

#include <inttypes.h>
#include <stdio.h>

/* What of the run the head shows; the configuration is long and stands in config.ini too. */
static const char *const attributes[] = {"program",   "git",   "algorithm", "env_id",  "seed",
                                         "continues", "ranks", "host",      "started", "simulator"};
enum { ATTRIBUTES = sizeof attributes / sizeof *attributes };

mg_status mg_info_curves(const char *path, bool as_json) {
  mg_curves_summary summary;
  char value[ATTRIBUTES][256];
  MG_TRY(mg_curves_summarise(path, ATTRIBUTES, attributes, value, &summary));
  if (!as_json) {
    printf("%s: learning curves\n", path);
    for (int k = 0; k < ATTRIBUTES; k++)
      if (*value[k]) printf("%-12s  %s\n", attributes[k], value[k]);
    printf("%-12s  %" PRId64 "\n", "evaluations", summary.evaluations);
    for (int k = 0; k < summary.curves; k++) {
      const int64_t rows = summary.curve[k].rows;
      const char *unit = summary.curve[k].unit;
      printf("  %-32s %8" PRId64 " %s, last %.6g%s%s\n", summary.curve[k].name, rows,
             mg_plural(rows, "row", "rows"), summary.curve[k].last, *unit ? " " : "", unit);
    }
    return MG_OK;
  }
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "file", path);
  cJSON_AddStringToObject(json, "kind", "curves");
  for (int k = 0; k < ATTRIBUTES; k++)
    if (*value[k]) cJSON_AddStringToObject(json, attributes[k], value[k]);
  mg_json_add_whole(json, "evaluations", summary.evaluations);
  cJSON *curves = cJSON_AddObjectToObject(json, "curves");
  for (int k = 0; k < summary.curves; k++) {
    cJSON *curve = cJSON_AddObjectToObject(curves, summary.curve[k].name);
    mg_json_add_whole(curve, "rows", summary.curve[k].rows);
    cJSON_AddNumberToObject(curve, "last", summary.curve[k].last);
    cJSON_AddStringToObject(curve, "unit", summary.curve[k].unit);
  }
  return mg_json_print(json);
}
