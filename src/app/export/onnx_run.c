/* Runs a graph as format_onnx.c writes it, from the bytes alone: values are doubles, rounded where the
 * graph casts them to float32. */
#include "app/export/onnx.h"
#include "files/exchange/protobuf.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const operator_names[] = {MG_ONNX_OPERATOR_LIST(MG_NAMED_TEXT) NULL};
enum { TENSORS = 128 };

typedef struct tensor {
  char name[MG_ONNX_NAME];
  size_t rows, columns; /* a vector has one row, a number one entry */
  double *value;        /* owned */
} tensor;

typedef struct machine {
  const char *path;
  int tensors;
  tensor tensor[TENSORS];
} machine;

typedef struct node {
  int operator; /* of the names; -1: none that we know */
  int inputs;
  char input[MG_ONNX_INPUTS][MG_ONNX_NAME], output[MG_ONNX_NAME];
  uint64_t to; /* type, of a cast */
} node;

static mg_status refuse(const machine *m, const char *what, const char *name) {
  return mg_fail(MG_ERR_DATA, "%s: damaged: %s %s", m->path, what, name);
}

static const tensor *find(const machine *m, const char *name) {
  for (int i = 0; i < m->tensors; i++)
    if (strcmp(m->tensor[i].name, name) == 0) return &m->tensor[i];
  return NULL;
}

/* NULL if there is no room. */
static tensor *make(machine *m, const char *name, size_t rows, size_t columns) {
  if (m->tensors == TENSORS || (rows && columns > SIZE_MAX / sizeof(double) / rows)) return NULL;
  tensor *t = &m->tensor[m->tensors];
  *t = (tensor){.rows = rows, .columns = columns};
  snprintf(t->name, sizeof t->name, "%s", name);
  t->value = malloc(rows * columns * sizeof(double) + 1);
  if (!t->value) return NULL;
  m->tensors++;
  return t;
}

/* ---- reading ---- */

static mg_status read_array(machine *m, mg_proto_view view) {
  mg_portable_array a = {.rank = 1, .dims = {1}};
  mg_proto_field f, bytes = {0};
  size_t dims[2] = {1, 1};
  int rank = 0;
  while (mg_proto_next(&view, &f)) {
    if (f.field == ARRAY_DIM && rank < 2) dims[rank++] = (size_t)f.number;
    if (f.field == ARRAY_TYPE)
      a.type = f.number == MG_ONNX_F32   ? MG_NPY_F32
               : f.number == MG_ONNX_F64 ? MG_NPY_F64
               : f.number == MG_ONNX_I64 ? MG_NPY_I64
                                         : MG_NPY_OTHER;
    if (f.field == ARRAY_NAME) mg_proto_get_text(&f, a.name, sizeof a.name);
    if (f.field == ARRAY_BYTES) bytes = f;
  }
  if (view.damaged || a.type == MG_NPY_OTHER) return refuse(m, "array", a.name);
  tensor *t = rank == 2 ? make(m, a.name, dims[0], dims[1]) : make(m, a.name, 1, dims[0]);
  if (!t) return mg_fail(MG_ERR_MEMORY, "%s: no memory", m->path);
  const mg_npy_header header = {.type = a.type};
  const size_t n = t->rows * t->columns;
  uint8_t *copy = malloc(bytes.size + 1);
  if (!copy) return mg_fail(MG_ERR_MEMORY, "%s: no memory", m->path);
  if (bytes.size) memcpy(copy, bytes.bytes, bytes.size);
  const bool whole =
      bytes.size == n * mg_npy_type_size(a.type) && mg_npy_decode(&header, copy, n, t->value) == n;
  free(copy);
  return whole ? MG_OK : refuse(m, "array", a.name);
}

static void read_attribute(mg_proto_view view, node *n) {
  char name[MG_ONNX_NAME] = "";
  uint64_t whole = 0;
  for (mg_proto_field f; mg_proto_next(&view, &f);) {
    if (f.field == ATTRIBUTE_NAME) mg_proto_get_text(&f, name, sizeof name);
    if (f.field == ATTRIBUTE_WHOLE) whole = f.number;
  }
  if (strcmp(name, "to") == 0) n->to = whole;
}

static node read_node(mg_proto_view view) {
  node n = {.operator= - 1 };
  mg_proto_field f;
  while (mg_proto_next(&view, &f)) {
    if (f.field == NODE_INPUT && n.inputs < MG_ONNX_INPUTS)
      mg_proto_get_text(&f, n.input[n.inputs++], MG_ONNX_NAME);
    if (f.field == NODE_OUTPUT) mg_proto_get_text(&f, n.output, MG_ONNX_NAME);
    if (f.field == NODE_ATTRIBUTE) read_attribute(mg_proto_inside(&f), &n);
    if (f.field != NODE_OPERATOR) continue;
    char name[MG_ONNX_NAME];
    mg_proto_get_text(&f, name, sizeof name);
    for (int i = 0; operator_names[i]; i++)
      if (strcmp(name, operator_names[i]) == 0) n.operator= i;
  }
  return n;
}

/* ---- running ---- */

/* Entry i of x's row r where x may be one row, or one number, for all. */
static double entry(const tensor *x, size_t r, size_t i) {
  return x->value[(x->rows == 1 ? 0 : r) * x->columns + (x->columns == 1 ? 0 : i)];
}

/* Of entries that stand by themselves. */
static double apply(const node *n, double x, double y, double z) {
  switch ((mg_onnx_operator)n->operator) {
  case MG_ONNX_SUB:
    return x - y;
  case MG_ONNX_MUL:
    return x * y;
  case MG_ONNX_ADD:
    return x + y;
  case MG_ONNX_CLIP:
    return fmin(fmax(x, y), z);
  case MG_ONNX_CAST:
    return n->to == MG_ONNX_F32 ? (double)(float)x : x;
  case MG_ONNX_TANH:
    return tanh(x);
  case MG_ONNX_RELU:
    return x < 0 ? 0 : x;
  case MG_ONNX_MAX:
    return fmax(x, y);
  case MG_ONNX_SIGMOID:
    return 1 / (1 + exp(-x));
  default:
    return x;
  }
}

/* y [rows,columns] of the inputs; false where their shapes do not fit. */
static bool fill(const node *n, const tensor *const x[MG_ONNX_INPUTS], tensor *y) {
  const size_t in = x[0]->columns;
  for (size_t r = 0; r < y->rows; r++) {
    for (size_t i = 0; i < y->columns; i++) {
      double *to = &y->value[r * y->columns + i];
      if (n->operator== MG_ONNX_GATHER) {
        const double k = x[1]->value[i];
        if (!(k >= 0 && k < (double)in)) return false;
        *to = x[0]->value[r * in + (size_t)k];
      } else if (n->operator== MG_ONNX_GEMM) {
        *to = entry(x[2], r, i);
        for (size_t k = 0; k < in; k++) *to += x[0]->value[r * in + k] * x[1]->value[i * in + k];
      } else if (n->operator== MG_ONNX_ARG_MAX) {
        size_t best = 0;
        for (size_t k = 1; k < in; k++)
          if (x[0]->value[r * in + k] > x[0]->value[r * in + best]) best = k;
        *to = (double)best;
      } else {
        *to = apply(n, x[0]->value[r * in + i], n->inputs > 1 ? entry(x[1], r, i) : 0,
                    n->inputs > 2 ? entry(x[2], r, i) : 0);
      }
    }
  }
  return true;
}

/* Columns of the output; 0 where the inputs' shapes do not fit. */
static size_t columns_of(const node *n, const tensor *const x[MG_ONNX_INPUTS]) {
  const size_t in = x[0]->columns;
  switch (n->operator) {
  case MG_ONNX_GATHER:
    return n->inputs == 2 ? x[1]->columns : 0;
  case MG_ONNX_GEMM:
    return n->inputs == 3 && x[1]->columns == in && x[2]->columns == x[1]->rows ? x[1]->rows : 0;
  case MG_ONNX_ARG_MAX:
    return n->inputs == 1 ? 1 : 0;
  default:
    for (int k = 1; k < n->inputs; k++)
      if ((x[k]->columns != 1 && x[k]->columns != in) ||
          (x[k]->rows != 1 && x[k]->rows != x[0]->rows))
        return 0;
    return in;
  }
}

static mg_status run_node(machine *m, const node *n) {
  const tensor *x[MG_ONNX_INPUTS] = {NULL};
  if (n->operator<0 || n->inputs<1) return refuse(m, "node", n->output);
  for (int k = 0; k < n->inputs; k++) {
    x[k] = find(m, n->input[k]);
    if (!x[k]) return refuse(m, "nothing gives", n->input[k]);
  }
  const size_t columns = columns_of(n, x);
  if (columns == 0) return refuse(m, "node", n->output);
  tensor *y = make(m, n->output, x[0]->rows, columns);
  if (!y) return mg_fail(MG_ERR_MEMORY, "%s: no memory", m->path);
  return fill(n, x, y) ? MG_OK : refuse(m, "node", n->output);
}

/* ---- a model ---- */

/* Arrays stand behind the nodes that take them, so they come first. */
static mg_status run_graph(machine *m, mg_proto_view graph) {
  mg_proto_field f;
  for (mg_proto_view v = graph; mg_proto_next(&v, &f);)
    if (f.field == GRAPH_ARRAY) MG_TRY(read_array(m, mg_proto_inside(&f)));
  while (mg_proto_next(&graph, &f)) {
    if (f.field != GRAPH_NODE) continue;
    const node n = read_node(mg_proto_inside(&f));
    MG_TRY(run_node(m, &n));
  }
  return graph.damaged ? refuse(m, "its", "graph") : MG_OK;
}

/* heads and sigma of what the graph has made. */
static mg_status take_outputs(const machine *m, const mg_portable_states *s, double *heads,
                              double *sigma) {
  const tensor *action = find(m, "action"), *logits = find(m, "logits"), *spread = find(m, "sigma");
  const tensor *head = logits ? logits : action;
  const size_t n = (size_t)s->n, A = (size_t)s->actions;
  if (!action || head->rows != n || head->columns != A) return refuse(m, "no output", "action");
  memcpy(heads, head->value, n * A * sizeof *heads);
  memset(sigma, 0, A * sizeof *sigma);
  if (!logits && (!spread || spread->columns != A)) return refuse(m, "no output", "sigma");
  if (!logits) memcpy(sigma, spread->value, A * sizeof *sigma);
  for (size_t i = 0; logits && i < n * A; i++)
    if (!(heads[i] <= heads[i / A * A + (size_t)action->value[i / A]]))
      return refuse(m, "not the largest of logits:", "action");
  return MG_OK;
}

mg_status mg_onnx_run(const char *path, const uint8_t *bytes, size_t size,
                      const mg_portable_states *s, double *heads, double *sigma) {
  machine *m = calloc(1, sizeof *m);
  if (!m) return mg_fail(MG_ERR_MEMORY, "%s: no memory", path);
  m->path = path;
  const size_t d = (size_t)s->observations;
  tensor *observation = make(m, "observation", (size_t)s->n, d);
  mg_status status = observation ? MG_OK : mg_fail(MG_ERR_MEMORY, "%s: no memory", path);
  if (observation) memcpy(observation->value, s->states, (size_t)s->n * d * sizeof(double));
  mg_proto_view model = {.bytes = bytes, .size = size};
  for (mg_proto_field f; status == MG_OK && mg_proto_next(&model, &f);)
    if (f.field == MODEL_GRAPH) status = run_graph(m, mg_proto_inside(&f));
  if (status == MG_OK && model.damaged) status = refuse(m, "its", "model");
  if (status == MG_OK) status = take_outputs(m, s, heads, sigma);
  for (int i = 0; i < m->tensors; i++) free(m->tensor[i].value);
  free(m);
  return status;
}
