/* onnx: a graph for onnxruntime and others.
 *
 *   observation float64 [batch,d] -> action float32 [batch,A], sigma float32 [A]
 *                                    of discrete tasks: action int64 [batch], logits float32 [batch,A]
 *
 * A sampled action is action + sigma * N(0, 1), or the argmax of logits + Gumbel noise. The arrays
 * stand in the file under their names (portable.h), the texts as metadata. Inside all is float64. */
#include "app/export/export.h"
#include "app/export/onnx.h"
#include "app/run/provenance.h"
#include "files/exchange/protobuf.h"

#include <stdlib.h>
#include <string.h>

static const char *const operator_names[] = {MG_ONNX_OPERATOR_LIST(MG_NAMED_TEXT)};

/* ---- arrays, inputs, outputs ---- */

/* name: in the graph; single: a number, which Clip takes, not a vector of one. */
static void add_array(mg_proto *graph, const char *name, const mg_portable_array *a, bool single) {
  const int type = a->type == MG_NPY_F32   ? MG_ONNX_F32
                   : a->type == MG_NPY_F64 ? MG_ONNX_F64
                                           : MG_ONNX_I64;
  mg_proto array = {0};
  size_t size;
  uint8_t *bytes = mg_portable_encode(a, &size);
  for (int i = 0; i < a->rank && !single; i++) mg_proto_whole(&array, ARRAY_DIM, a->dims[i]);
  mg_proto_whole(&array, ARRAY_TYPE, (uint64_t)type);
  mg_proto_text(&array, ARRAY_NAME, name);
  if (bytes) mg_proto_bytes(&array, ARRAY_BYTES, bytes, size);
  array.failed = array.failed || !bytes;
  free(bytes);
  mg_proto_message(graph, GRAPH_ARRAY, &array);
}

static void add_number(mg_proto *graph, const char *name, double value) {
  const mg_portable_array a = {.type = MG_NPY_F64, .rank = 1, .dims = {1}, .values = &value};
  add_array(graph, name, &a, true);
}

/* All arrays; what is computed with is float64 here. */
static void add_arrays(mg_proto *graph, const mg_portable *p) {
  for (int i = 0; i < p->arrays; i++) {
    mg_portable_array a = p->array[i];
    const bool limit = strcmp(a.name, "observation_limit") == 0;
    if (a.type == MG_NPY_F32 && strcmp(a.name, "action_sigma") != 0) a.type = MG_NPY_F64;
    add_array(graph, a.name, &a, limit);
    if (limit) add_number(graph, "observation_lower_limit", -a.values[0]);
  }
}

/* [batch, columns], [batch] where columns is 0; without a batch [columns]. */
static void add_value(mg_proto *graph, int field, const char *name, int type, bool batch,
                      uint64_t columns) {
  mg_proto value = {0}, of_type = {0}, tensor = {0}, shape = {0}, dim = {0};
  if (batch) {
    mg_proto_text(&dim, DIM_NAME, "batch");
    mg_proto_message(&shape, SHAPE_DIM, &dim);
  }
  if (columns) {
    mg_proto_whole(&dim, DIM_VALUE, columns);
    mg_proto_message(&shape, SHAPE_DIM, &dim);
  }
  mg_proto_whole(&tensor, TENSOR_TYPE, (uint64_t)type);
  mg_proto_message(&tensor, TENSOR_SHAPE, &shape);
  mg_proto_message(&of_type, TYPE_TENSOR, &tensor);
  mg_proto_text(&value, VALUE_NAME, name);
  mg_proto_message(&value, VALUE_TYPE, &of_type);
  mg_proto_message(graph, field, &value);
}

/* ---- nodes ---- */

typedef struct attribute {
  const char *name; /* NULL: none */
  int64_t whole;
} attribute;

/* Up to three inputs; NULL: no more. */
static void add_node(mg_proto *graph, mg_onnx_operator operator, const char * output,
                     const char *const input[MG_ONNX_INPUTS], attribute first, attribute second) {
  mg_proto node = {0};
  for (int i = 0; i < MG_ONNX_INPUTS && input[i]; i++) mg_proto_text(&node, NODE_INPUT, input[i]);
  mg_proto_text(&node, NODE_OUTPUT, output);
  mg_proto_text(&node, NODE_NAME, output);
  mg_proto_text(&node, NODE_OPERATOR, operator_names[operator]);
  const attribute *const all[] = {&first, &second};
  for (int i = 0; i < 2; i++) {
    if (!all[i]->name) continue;
    mg_proto inner = {0};
    mg_proto_text(&inner, ATTRIBUTE_NAME, all[i]->name);
    mg_proto_whole(&inner, ATTRIBUTE_WHOLE, (uint64_t)all[i]->whole);
    mg_proto_whole(&inner, ATTRIBUTE_TYPE, MG_ONNX_WHOLE_ATTRIBUTE);
    mg_proto_message(&node, NODE_ATTRIBUTE, &inner);
  }
  mg_proto_message(graph, GRAPH_NODE, &node);
}

#define INPUTS(...) ((const char *const[MG_ONNX_INPUTS]){__VA_ARGS__})
static const attribute NONE = {0}, to_float = {"to", MG_ONNX_F32};

static void add_normaliser(mg_proto *g) {
  add_node(g, MG_ONNX_GATHER, "seen", INPUTS("observation", "observed"), (attribute){"axis", 1},
           NONE);
  add_node(g, MG_ONNX_SUB, "centred", INPUTS("seen", "observation_shift"), NONE, NONE);
  add_node(g, MG_ONNX_MUL, "scaled", INPUTS("centred", "observation_scale"), NONE, NONE);
  add_node(g, MG_ONNX_CLIP, "limited",
           INPUTS("scaled", "observation_lower_limit", "observation_limit"), NONE, NONE);
  add_node(g, MG_ONNX_CAST, "x", INPUTS("limited"), to_float, NONE);
  add_node(g, MG_ONNX_CAST, "h_0", INPUTS("x"), (attribute){"to", MG_ONNX_F64}, NONE);
}

static void add_activation(mg_proto *g, mg_activation f, int k) {
  char z[MG_ONNX_NAME], h[MG_ONNX_NAME], gate[MG_ONNX_NAME];
  snprintf(z, sizeof z, "z_%d", k);
  snprintf(h, sizeof h, "h_%d", k);
  snprintf(gate, sizeof gate, "gate_%d", k);
  switch (f) {
  case MG_IDENTITY:
    add_node(g, MG_ONNX_IDENTITY, h, INPUTS(z), NONE, NONE);
    break;
  case MG_TANH:
    add_node(g, MG_ONNX_TANH, h, INPUTS(z), NONE, NONE);
    break;
  case MG_RELU:
    add_node(g, MG_ONNX_RELU, h, INPUTS(z), NONE, NONE);
    break;
  case MG_LEAKY_RELU:
    add_node(g, MG_ONNX_MUL, gate, INPUTS(z, "leak"), NONE, NONE);
    add_node(g, MG_ONNX_MAX, h, INPUTS(z, gate), NONE, NONE);
    break;
  case MG_SWISH:
    add_node(g, MG_ONNX_SIGMOID, gate, INPUTS(z), NONE, NONE);
    add_node(g, MG_ONNX_MUL, h, INPUTS(z, gate), NONE, NONE);
    break;
  case MG_SIGMOID:
    add_node(g, MG_ONNX_SIGMOID, h, INPUTS(z), NONE, NONE);
    break;
  }
}

static void add_network(mg_proto *g, const mg_policy *policy) {
  const int L = policy->net.layers;
  for (int k = 1; k <= L; k++) {
    char h[MG_ONNX_NAME], z[MG_ONNX_NAME], weight[MG_ONNX_NAME], bias[MG_ONNX_NAME];
    snprintf(h, sizeof h, "h_%d", k - 1);
    snprintf(z, sizeof z, "z_%d", k);
    snprintf(weight, sizeof weight, "weight_%d", k);
    snprintf(bias, sizeof bias, "bias_%d", k);
    add_node(g, MG_ONNX_GEMM, z, INPUTS(h, weight, bias), (attribute){"transB", 1}, NONE);
    if (k < L) add_activation(g, policy->net.activation, k);
  }
  char z[MG_ONNX_NAME];
  snprintf(z, sizeof z, "z_%d", L);
  if (policy->discrete) {
    add_node(g, MG_ONNX_CAST, "logits", INPUTS(z), to_float, NONE);
    add_node(g, MG_ONNX_ARG_MAX, "action", INPUTS("logits"), (attribute){"axis", 1},
             (attribute){"keepdims", 0});
  } else {
    add_node(g, MG_ONNX_MUL, "spread", INPUTS(z, "action_scale"), NONE, NONE);
    add_node(g, MG_ONNX_ADD, "mean", INPUTS("spread", "action_shift"), NONE, NONE);
    add_node(g, MG_ONNX_CAST, "action", INPUTS("mean"), to_float, NONE);
    add_node(g, MG_ONNX_IDENTITY, "sigma", INPUTS("action_sigma"), NONE, NONE);
  }
}

static mg_proto graph_of(const mg_export *e) {
  const mg_policy *policy = &e->file->acting.policy;
  const uint64_t A = (uint64_t)policy->action_size;
  mg_proto g = {0};
  add_normaliser(&g);
  add_network(&g, policy);
  mg_proto_text(&g, GRAPH_NAME, "policy");
  add_arrays(&g, &e->policy);
  /* Not for others: onnxruntime warns of what no node uses. */
  if (policy->net.activation == MG_LEAKY_RELU) add_number(&g, "leak", 0.01);
  add_value(&g, GRAPH_INPUT, "observation", MG_ONNX_F64, true,
            (uint64_t)e->file->acting.normaliser.raw_size);
  add_value(&g, GRAPH_OUTPUT, "action", policy->discrete ? MG_ONNX_I64 : MG_ONNX_F32, true,
            policy->discrete ? 0 : A);
  if (policy->discrete)
    add_value(&g, GRAPH_OUTPUT, "logits", MG_ONNX_F32, true, A);
  else
    add_value(&g, GRAPH_OUTPUT, "sigma", MG_ONNX_F32, false, A);
  return g;
}

static mg_status write_file(const mg_export *e, const char *path, const char *second) {
  (void)second;
  const mg_provenance made = mg_provenance_get();
  mg_proto model = {0}, graph = graph_of(e), opset = {0};
  mg_proto_whole(&model, MODEL_IR, MG_ONNX_IR);
  mg_proto_text(&model, MODEL_PRODUCER, made.program);
  mg_proto_text(&model, MODEL_PRODUCER_VERSION, made.git);
  mg_proto_text(&model, MODEL_DOC,
                e->file->acting.policy.discrete
                    ? "action: the most probable choice; sampled: argmax(logits + Gumbel noise)"
                    : "action: the mean; sampled: action + sigma * N(0, 1); unclipped");
  mg_proto_message(&model, MODEL_GRAPH, &graph);
  mg_proto_whole(&opset, OPSET_VERSION, MG_ONNX_OPSET);
  mg_proto_message(&model, MODEL_OPSET, &opset);
  for (int i = 0; i < e->policy.facts; i++) {
    mg_proto text = {0};
    mg_proto_text(&text, TEXT_KEY, e->policy.fact[i].key);
    mg_proto_text(&text, TEXT_VALUE, e->policy.fact[i].text);
    mg_proto_message(&model, MODEL_TEXT, &text);
  }
  mg_status status = model.failed ? mg_fail(MG_ERR_MEMORY, "%s: no memory", path)
                                  : mg_export_write_bytes(path, model.bytes, model.size);
  mg_proto_free(&model);
  return status;
}

static mg_status act(const mg_export *e, const char *path, const mg_portable_states *states,
                     double *heads, double *sigma) {
  (void)e;
  uint8_t *bytes;
  size_t size;
  MG_TRY(mg_export_read_bytes(path, &bytes, &size));
  mg_status status = mg_onnx_run(path, bytes, size, states, heads, sigma);
  free(bytes);
  return status;
}

const mg_export_format mg_export_onnx = {.name = "onnx",
                                         .ending = ".onnx",
                                         .checked = "the graph of the file, run node by node",
                                         .write = write_file,
                                         .act = act};
