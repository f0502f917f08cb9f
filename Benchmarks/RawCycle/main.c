// The ceiling: XADD -> XREADGROUP -> XACK + XDEL by hiredis alone, pipelined in batches of 100, no fence, no record,
// no retry: what Redis can do for a job at best.
//
//   raw-cycle produce <socket> <stream> <jobs> <bytes>
//   raw-cycle consume <socket> <stream> <jobs>

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { batch = 100 };

static void die(const char *what) {
    fprintf(stderr, "raw-cycle: %s\n", what);
    exit(1);
}

static redisReply *checked(redisContext *redis, void *reply) {
    if (!reply) die(redis->errstr);
    redisReply *r = reply;
    if (r->type == REDIS_REPLY_ERROR) die(r->str);
    return r;
}

static redisReply *take(redisContext *redis) {
    void *reply = NULL;
    redisGetReply(redis, &reply);
    return checked(redis, reply);
}

static void produce(redisContext *redis, const char *stream, long jobs, size_t bytes) {
    char *payload = malloc(bytes + 1);
    if (!payload) die("no memory");
    memset(payload, 'x', bytes);
    payload[bytes] = 0;
    const char *id = "0192f3a1-7c00-7000-8000-000000000000";
    for (long sent = 0; sent < jobs; sent += batch) {
        for (int i = 0; i < batch; i++)
            redisAppendCommand(redis, "XADD %s * id %s kind noop attempt 1 at 1700000000000 payload %b meta {}", stream,
                               id, payload, bytes);
        for (int i = 0; i < batch; i++) freeReplyObject(take(redis));
    }
    free(payload);
}

static void acknowledge(redisContext *redis, const char *stream, redisReply *entries) {
    const char *ack[batch + 3] = {"XACK", stream, "workers"};
    const char *del[batch + 2] = {"XDEL", stream};
    size_t n = entries->elements;
    for (size_t i = 0; i < n; i++) ack[i + 3] = del[i + 2] = entries->element[i]->element[0]->str;
    redisAppendCommandArgv(redis, (int)n + 3, ack, NULL);
    redisAppendCommandArgv(redis, (int)n + 2, del, NULL);
    freeReplyObject(take(redis));
    freeReplyObject(take(redis));
}

static void consume(redisContext *redis, const char *stream, long jobs) {
    freeReplyObject(checked(redis, redisCommand(redis, "XGROUP CREATE %s workers 0 MKSTREAM", stream)));
    printf("ready\n");
    fflush(stdout);
    for (long done = 0; done < jobs;) {
        redisReply *reply = checked(
            redis, redisCommand(redis, "XREADGROUP GROUP workers raw COUNT %d BLOCK 5000 STREAMS %s >", batch, stream));
        if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 1) {
            redisReply *entries = reply->element[0]->element[1];
            acknowledge(redis, stream, entries);
            done += (long)entries->elements;
        }
        freeReplyObject(reply);
    }
}

int main(int argc, char **argv) {
    if (argc < 5) die("usage: raw-cycle produce|consume <socket> <stream> <jobs> [bytes]");
    redisContext *redis = redisConnectUnix(argv[2]);
    if (!redis || redis->err) die("cannot connect");
    long jobs = atol(argv[4]);
    if (strcmp(argv[1], "produce") == 0 && argc == 6)
        produce(redis, argv[3], jobs, (size_t)atol(argv[5]));
    else
        consume(redis, argv[3], jobs);
    redisFree(redis);
    return 0;
}
