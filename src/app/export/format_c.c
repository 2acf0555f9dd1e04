/* c: one C99 file and its header, for a robot's controller: no dependency but the C library's
 * mathematics, no allocation, no state; layers in float32. What is written is the same for every policy but for sizes, names and
 * the activation; the constants are the arrays of portable.h. */
#include "app/export/format_c.h"
#include "app/export/export.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Of the output's name, as C takes it. */
typedef struct names {
  char stem[256];                 /* of the files */
  char function[128], macro[128]; /* what those begin with */
} names;

static names names_of(const char *output) {
  names n;
  const char *slash = strrchr(output, '/'), *base = slash ? slash + 1 : output;
  snprintf(n.stem, sizeof n.stem, "%.*s", (int)(strlen(base) - 2), base);
  snprintf(n.function, sizeof n.function, "%s%.100s",
           isdigit((unsigned char)*base) ? "policy_" : "", n.stem);
  for (char *c = n.function; *c; c++) *c = isalnum((unsigned char)*c) && *c > 0 ? *c : '_';
  strcpy(n.macro, n.function);
  for (char *c = n.macro; *c; c++) *c = (char)toupper((unsigned char)*c);
  return n;
}

/* Of a text with @ where functions' names begin and $ where macros' do. */
static void write_template(const char *text, const names *n, FILE *to) {
  for (const char *c = text; *c; c++)
    if (*c == '@' || *c == '$')
      fputs(*c == '@' ? n->function : n->macro, to);
    else
      putc(*c, to);
}

/* ---- the header ---- */

static void write_origin(const mg_export *e, FILE *to) {
  for (int i = 2; i < e->policy.facts; i++) { /* after format and version */
    fprintf(to, " *   %-13s ", e->policy.fact[i].key);
    for (const char *c = e->policy.fact[i].text; *c; c++) /* nothing that ends a comment */
      putc(*c == '*' || *c == '\\' || iscntrl((unsigned char)*c) ? '?' : *c, to);
    putc('\n', to);
  }
}

static const char continuous_api[] =
    "/* The mean action for an observation, both in the task's own units and unclipped. */\n"
    "void @_act(const double observation[$_OBSERVATIONS], float action[$_ACTIONS]);\n\n"
    "/* A sampled action: noise are independent standard normal numbers of yours. */\n"
    "void @_sample(const double observation[$_OBSERVATIONS], const float "
    "noise[$_ACTIONS],\n"
    "    float action[$_ACTIONS]);\n";

static const char discrete_api[] =
    "/* The most probable choice, 0 to $_ACTIONS - 1, for an observation in the task's own "
    "units. */\n"
    "int @_act(const double observation[$_OBSERVATIONS]);\n\n"
    "/* A sampled choice: noise are independent Gumbel numbers of yours, -log(-log(u)), 0 < u < 1. "
    "*/\n"
    "int @_sample(const double observation[$_OBSERVATIONS], const float "
    "noise[$_ACTIONS]);\n\n"
    "/* What both choose the largest of. */\n"
    "void @_logits(const double observation[$_OBSERVATIONS], float "
    "logits[$_ACTIONS]);\n";

static void write_header(const mg_export *e, const names *n, FILE *to) {
  const mg_policy *policy = &e->file->acting.policy;
  fprintf(to, "/* A trained policy, by `mgail export`. C99, no allocation, no state; may be called "
              "from any\n"
              " * thread.\n *\n");
  write_origin(e, to);
  fprintf(to, " */\n#ifndef %s_H\n#define %s_H\n\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n",
          n->macro, n->macro);
  fprintf(to, "enum { %s_OBSERVATIONS = %d, %s_ACTIONS = %d };\n\n", n->macro,
          e->file->acting.normaliser.raw_size, n->macro, policy->action_size);
  write_template(policy->discrete ? discrete_api : continuous_api, n, to);
  fprintf(to, "\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n");
}

/* ---- the code ---- */

static void write_array(const mg_portable_array *a, FILE *to) {
  const uint64_t n = mg_portable_values(a);
  const char *type = a->type == MG_NPY_F32 ? "float" : a->type == MG_NPY_F64 ? "double" : "int";
  fprintf(to, "static const %s %s[%llu] = {", type, a->name, (unsigned long long)n);
  for (uint64_t i = 0; i < n; i++) {
    fputs(i % 8 == 0 ? "\n    " : " ", to);
    if (a->type == MG_NPY_I64)
      fprintf(to, "%.0f,", a->values[i]);
    else
      fprintf(to, a->type == MG_NPY_F32 ? "%.8ef," : "%.16e,", a->values[i]);
  }
  fputs("\n};\n\n", to);
}

/* f of the layers between. */
static const char *activation_code(mg_activation f) {
  switch (f) {
  case MG_TANH:
    return "tanhf(z)";
  case MG_RELU:
    return "z < 0.0f ? 0.0f : z";
  case MG_LEAKY_RELU:
    return "z < 0.0f ? 0.01f * z : z";
  case MG_SWISH:
    return "z / (1.0f + expf(-z))";
  case MG_SIGMOID:
    return "1.0f / (1.0f + expf(-z))";
  case MG_IDENTITY:
    break;
  }
  return "z";
}

static const char layer_code[] =
    "/* y [out] <- weight [out,in] x + bias */\n"
    "static void layer(int in, int out, const float *weight, const float *bias, const float *x, "
    "float *y) {\n"
    "  for (int o = 0; o < out; o++, weight += in) {\n"
    "    float sum = bias[o];\n"
    "    for (int i = 0; i < in; i++) sum += weight[i] * x[i];\n"
    "    y[o] = sum;\n"
    "  }\n"
    "}\n\n";

static const char activation_text[] = "static void activate(int n, float *h) {\n"
                                      "  for (int i = 0; i < n; i++) {\n"
                                      "    const float z = h[i];\n"
                                      "    h[i] = %s;\n"
                                      "  }\n"
                                      "}\n\n";

static void write_network(const mg_export *e, const names *n, FILE *to) {
  const mg_mlp *net = &e->file->acting.policy.net;
  const int L = net->layers;
  int widest = 1;
  for (int k = 0; k < L; k++) widest = net->width[k] > widest ? net->width[k] : widest;
  fprintf(
      to,
      "/* y <- what the last layer gives. */\n"
      "static void network(const double *observation, float *y) {\n"
      "  float h[2][%d];\n"
      "  for (int j = 0; j < %d; j++) {\n"
      "    double z = (observation[observed[j]] - observation_shift[j]) * observation_scale[j];\n"
      "    z = z > observation_limit[0] ? observation_limit[0] : z;\n"
      "    z = z < -observation_limit[0] ? -observation_limit[0] : z;\n"
      "    h[0][j] = (float)z;\n"
      "  }\n",
      widest, net->width[0]);
  for (int k = 1; k < L; k++)
    fprintf(to, "  layer(%d, %d, weight_%d, bias_%d, h[%d], h[%d]);\n  activate(%d, h[%d]);\n",
            net->width[k - 1], net->width[k], k, k, (k - 1) % 2, k % 2, net->width[k], k % 2);
  fprintf(to, "  layer(%d, %s_ACTIONS, weight_%d, bias_%d, h[%d], y);\n}\n\n", net->width[L - 1],
          n->macro, L, L, (L - 1) % 2);
}

static const char continuous_code[] =
    "void @_act(const double observation[$_OBSERVATIONS], float action[$_ACTIONS]) {\n"
    "  network(observation, action);\n"
    "  for (int i = 0; i < $_ACTIONS; i++)\n"
    "    action[i] = action_shift[i] + action_scale[i] * action[i];\n"
    "}\n\n"
    "void @_sample(const double observation[$_OBSERVATIONS], const float "
    "noise[$_ACTIONS],\n"
    "    float action[$_ACTIONS]) {\n"
    "  @_act(observation, action);\n"
    "  for (int i = 0; i < $_ACTIONS; i++) action[i] += action_sigma[i] * noise[i];\n"
    "}\n";

static const char discrete_code[] =
    "static int largest(const float *value) {\n"
    "  int best = 0;\n"
    "  for (int i = 1; i < $_ACTIONS; i++)\n"
    "    if (value[i] > value[best]) best = i;\n"
    "  return best;\n"
    "}\n\n"
    "void @_logits(const double observation[$_OBSERVATIONS], float logits[$_ACTIONS]) {\n"
    "  network(observation, logits);\n"
    "}\n\n"
    "int @_act(const double observation[$_OBSERVATIONS]) {\n"
    "  float logits[$_ACTIONS];\n"
    "  network(observation, logits);\n"
    "  return largest(logits);\n"
    "}\n\n"
    "int @_sample(const double observation[$_OBSERVATIONS], const float "
    "noise[$_ACTIONS]) {\n"
    "  float logits[$_ACTIONS];\n"
    "  network(observation, logits);\n"
    "  for (int i = 0; i < $_ACTIONS; i++) logits[i] += noise[i];\n"
    "  return largest(logits);\n"
    "}\n";

static void write_code(const mg_export *e, const names *n, FILE *to) {
  const mg_policy *policy = &e->file->acting.policy;
  fprintf(to, "/* Written by `mgail export`; %s.h says what it is. */\n#include \"%s.h\"\n\n",
          n->stem, n->stem);
  fputs("#include <math.h>\n\n"
        "/* x = clip((s[observed] - shift) * scale, -limit, limit) */\n",
        to);
  for (int i = 0; i < e->policy.arrays; i++) write_array(&e->policy.array[i], to);
  fputs(layer_code, to);
  if (policy->net.layers > 1) fprintf(to, activation_text, activation_code(policy->net.activation));
  write_network(e, n, to);
  write_template(policy->discrete ? discrete_code : continuous_code, n, to);
}

static mg_status write_text(const mg_export *e, const char *path,
                            void (*write)(const mg_export *, const names *, FILE *)) {
  const names n = names_of(e->output);
  char *text = NULL;
  size_t size = 0;
  FILE *to = open_memstream(&text, &size);
  if (!to) return mg_fail(MG_ERR_MEMORY, "%s: no memory", path);
  write(e, &n, to);
  const bool whole = !ferror(to);
  mg_status status = fclose(to) == 0 && whole ? mg_export_write_bytes(path, text, size)
                                              : mg_fail(MG_ERR_MEMORY, "%s: no memory", path);
  free(text);
  return status;
}

static mg_status write_files(const mg_export *e, const char *path, const char *second) {
  const names n = names_of(e->output);
  for (const char *c = n.stem; *c; c++)
    if (*c == '"' || *c == '\\' || iscntrl((unsigned char)*c))
      return mg_fail(MG_ERR_USAGE, "--output %s: expected a name that #include takes", e->output);
  MG_TRY(write_text(e, path, write_code));
  return write_text(e, second, write_header);
}

/* ---- reading ---- */

bool mg_c_constants(const char *text, const char *name, uint64_t n, double *values) {
  char wanted[64];
  snprintf(wanted, sizeof wanted, " %s[%llu] = {", name, (unsigned long long)n);
  const char *at = strstr(text, wanted);
  if (!at) return false;
  at += strlen(wanted);
  for (uint64_t i = 0; i < n; i++) {
    char *behind;
    values[i] = strtod(at, &behind);
    if (behind == at) return false;
    at = behind + (*behind == 'f');
    if (*at++ != ',') return false;
  }
  return strncmp(at, "\n}", 2) == 0;
}

static mg_status act(const mg_export *e, const char *path, const mg_portable_states *states,
                     double *heads, double *sigma) {
  mg_portable again;
  uint8_t *bytes;
  size_t size;
  MG_TRY(mg_portable_room(&e->policy, e->file->arena, &again));
  MG_TRY(mg_export_read_bytes(path, &bytes, &size));
  mg_status status = MG_OK;
  for (int i = 0; status == MG_OK && i < again.arrays; i++) {
    const mg_portable_array *a = &again.array[i];
    if (!mg_c_constants((const char *)bytes, a->name, mg_portable_values(a), a->values))
      status = mg_fail(MG_ERR_DATA, "%s: damaged: %s cannot be read", path, a->name);
  }
  free(bytes);
  MG_TRY(status);
  return mg_portable_act(&again, path, states, heads, sigma);
}

const mg_export_format mg_export_c = {.name = "c",
                                      .ending = ".c",
                                      .second = ".h",
                                      .checked = "the constants of the text, read again",
                                      .write = write_files,
                                      .act = act};
