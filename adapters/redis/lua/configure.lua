-- ARGV: JSON of lane → account → limit. Accounts that are gone are left out of every later grant; those that
-- were barred get another chance, for the operator may have mended them.
for lane, accounts in pairs(cjson.decode(ARGV[1])) do
  redis.call('SADD', key('lanes'), lane)
  redis.call('DEL', key('limits', lane))
  for account, limit in pairs(accounts) do
    redis.call('HSET', key('limits', lane), account, limit)
    redis.call('HDEL', key('effective', lane), account .. ':barred', account .. ':failures')
  end
end
return 1
