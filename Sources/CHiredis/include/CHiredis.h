#ifndef CHIREDIS_H
#define CHIREDIS_H

#include <stddef.h>
#include <stdint.h>

// hiredis's redisReader behind five functions that Swift can call.
//
// The reader is given reply functions of our own: a reply is not built as a tree with an allocation per element but
// written, in the order it is read (parents before children), into two buffers that are used again for the next reply:
// `nodes`, and `bytes` for what the strings among them hold. The five reply functions of hiredis 0.14 (counts are
// `int`) and the seven of 1.x (`size_t`) are both served.

typedef enum {
    CHIREDIS_STRING = 1,
    CHIREDIS_ARRAY = 2,
    CHIREDIS_INTEGER = 3,
    CHIREDIS_NIL = 4,
    CHIREDIS_STATUS = 5,
    CHIREDIS_ERROR = 6,
} chiredis_kind;

typedef struct {
    int64_t value;   // the integer; the number of elements of an array; the length of a string, status or error
    uint64_t offset; // where the string, status or error starts in the bytes
    int32_t kind;    // a chiredis_kind
} chiredis_node;

typedef struct {
    const chiredis_node *nodes;
    size_t node_count;
    const char *bytes;
    size_t byte_count;
} chiredis_reply;

typedef struct chiredis_reader chiredis_reader;

// NULL when there is no memory.
chiredis_reader *chiredis_reader_create(void);
void chiredis_reader_free(chiredis_reader *reader);

// Appends received bytes (copied). 0, or -1 when the stream is broken: see chiredis_reader_error.
int chiredis_reader_feed(chiredis_reader *reader, const void *bytes, size_t count);

// 1 with the next whole reply, valid until the next call; 0 when more bytes are needed; -1 when the stream is broken.
int chiredis_reader_next(chiredis_reader *reader, chiredis_reply *reply);

// Why the stream is broken; never NULL.
const char *chiredis_reader_error(const chiredis_reader *reader);

#endif
