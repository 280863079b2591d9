local now = clock()
redis.call('ZREMRANGEBYSCORE', key('workers'), '-inf', now)
return redis.call('ZCARD', key('workers'))
