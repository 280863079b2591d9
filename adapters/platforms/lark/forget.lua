-- KEYS: what is held back in one chat
-- ARGV: message id, life in ms
-- Whoever took it keeps it; nobody else gets it any more.
redis.call('HSET', KEYS[1], 't:' .. ARGV[1], 'recalled')
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
