/* Enums whose enumerators have names in files: one list makes both.
 *
 *   #define MG_FRUIT_LIST(X) X(MG_APPLE, "apple") X(MG_PEAR, "pear")
 *   typedef enum mg_fruit { MG_FRUIT_LIST(MG_NAMED_ENUM) } mg_fruit;
 *   static const char *const names[] = {MG_FRUIT_LIST(MG_NAMED_TEXT) NULL}; */
#ifndef MG_BASE_NAMED_H
#define MG_BASE_NAMED_H

#define MG_NAMED_ENUM(name, text) name,
#define MG_NAMED_TEXT(name, text) text,

#endif
