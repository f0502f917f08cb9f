#include "CHiredis.h"

#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <string.h>

struct chiredis_reader {
    redisReader *parser;
    chiredis_node *nodes;
    size_t node_count, node_capacity;
    char *bytes;
    size_t byte_count, byte_capacity;
    int done; // the buffers hold a reply that was handed out
};

// What hiredis takes for a reply object: anything but NULL. The reply itself is in the buffers.
static char some_object;

static chiredis_node *add_node(chiredis_reader *reader, int kind, int64_t value) {
    if (reader->node_count == reader->node_capacity) {
        size_t capacity = reader->node_capacity ? reader->node_capacity * 2 : 64;
        chiredis_node *nodes = realloc(reader->nodes, capacity * sizeof(chiredis_node));
        if (!nodes) return NULL;
        reader->nodes = nodes;
        reader->node_capacity = capacity;
    }
    chiredis_node *node = &reader->nodes[reader->node_count++];
    node->kind = kind;
    node->value = value;
    node->offset = reader->byte_count;
    return node;
}

static int reserve_bytes(chiredis_reader *reader, size_t more) {
    if (reader->byte_capacity - reader->byte_count >= more) return 1;
    size_t capacity = reader->byte_capacity ? reader->byte_capacity : 1024;
    while (capacity - reader->byte_count < more) capacity *= 2;
    char *bytes = realloc(reader->bytes, capacity);
    if (!bytes) return 0;
    reader->bytes = bytes;
    reader->byte_capacity = capacity;
    return 1;
}

static void *add_text(const redisReadTask *task, int kind, const char *text, size_t length) {
    chiredis_reader *reader = task->privdata;
    if (!reserve_bytes(reader, length)) return NULL;
    if (!add_node(reader, kind, (int64_t)length)) return NULL;
    if (length) memcpy(reader->bytes + reader->byte_count, text, length);
    reader->byte_count += length;
    return &some_object;
}

static void *create_string(const redisReadTask *task, char *text, size_t length) {
    int kind = task->type == REDIS_REPLY_ERROR    ? CHIREDIS_ERROR
               : task->type == REDIS_REPLY_STATUS ? CHIREDIS_STATUS
                                                  : CHIREDIS_STRING;
    return add_text(task, kind, text, length);
}

static void *create_integer(const redisReadTask *task, long long value) {
    return add_node(task->privdata, CHIREDIS_INTEGER, value) ? &some_object : NULL;
}

static void *create_nil(const redisReadTask *task) {
    return add_node(task->privdata, CHIREDIS_NIL, 0) ? &some_object : NULL;
}

static void free_object(void *object) { (void)object; }

#if HIREDIS_MAJOR >= 1
static void *create_array(const redisReadTask *task, size_t elements) {
    return add_node(task->privdata, CHIREDIS_ARRAY, (int64_t)elements) ? &some_object : NULL;
}
// RESP3 only, which is never asked for; served as text so that nothing is NULL.
static void *create_double(const redisReadTask *task, double value, char *text, size_t length) {
    (void)value;
    return add_text(task, CHIREDIS_STRING, text, length);
}
static void *create_bool(const redisReadTask *task, int value) { return create_integer(task, value); }

static redisReplyObjectFunctions functions = {
    create_string, create_array, create_integer, create_double, create_nil, create_bool, free_object,
};
#else
static void *create_array(const redisReadTask *task, int elements) {
    return add_node(task->privdata, CHIREDIS_ARRAY, elements) ? &some_object : NULL;
}

static redisReplyObjectFunctions functions = {
    create_string, create_array, create_integer, create_nil, free_object,
};
#endif

chiredis_reader *chiredis_reader_create(void) {
    chiredis_reader *reader = calloc(1, sizeof(chiredis_reader));
    if (!reader) return NULL;
    reader->parser = redisReaderCreateWithFunctions(&functions);
    if (!reader->parser) {
        free(reader);
        return NULL;
    }
    reader->parser->privdata = reader;
    return reader;
}

void chiredis_reader_free(chiredis_reader *reader) {
    if (!reader) return;
    redisReaderFree(reader->parser);
    free(reader->nodes);
    free(reader->bytes);
    free(reader);
}

int chiredis_reader_feed(chiredis_reader *reader, const void *bytes, size_t count) {
    return redisReaderFeed(reader->parser, bytes, count) == REDIS_OK ? 0 : -1;
}

int chiredis_reader_next(chiredis_reader *reader, chiredis_reply *reply) {
    if (reader->done) {
        reader->done = 0;
        reader->node_count = 0;
        reader->byte_count = 0;
    }
    void *object = NULL;
    if (redisReaderGetReply(reader->parser, &object) != REDIS_OK) return -1;
    if (!object) return 0;
    reader->done = 1;
    reply->nodes = reader->nodes;
    reply->node_count = reader->node_count;
    reply->bytes = reader->bytes;
    reply->byte_count = reader->byte_count;
    return 1;
}

const char *chiredis_reader_error(const chiredis_reader *reader) { return reader->parser->errstr; }
