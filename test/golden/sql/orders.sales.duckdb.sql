WITH kept AS (
SELECT * FROM (
  SELECT *, row_number() OVER (PARTITION BY substr(time, 1, 10), source, id ORDER BY epoch, shard, length(seq), seq, line) AS nth FROM events
) WHERE NOT repeated AND nth = 1
), documents AS (
SELECT time,
  id,
  json_extract(data, ['$."customer"."address"."country"', '$."referrer"', '$."price"', '$."shipping"', '$."weight"', '$."customer"."email"', '$."coupon"', '$."test"', '$."status"']) AS document
FROM kept
), jsons AS MATERIALIZED (
SELECT time,
  id,
  document[1]::VARCHAR AS j0,
  document[2]::VARCHAR AS j1,
  document[3]::VARCHAR AS j2,
  document[4]::VARCHAR AS j3,
  document[5]::VARCHAR AS j4,
  document[6]::VARCHAR AS j5,
  document[7]::VARCHAR AS j6,
  document[8]::VARCHAR AS j7,
  document[9]::VARCHAR AS j8
FROM documents
), fields AS MATERIALIZED (
SELECT time,
  id,
  CASE WHEN substr(j0, 1, 1) = '"' THEN (j0)::JSON ->> '$' END AS f0,
  CASE WHEN substr(j1, 1, 1) = '"' THEN (j1)::JSON ->> '$' END AS f1,
  CASE WHEN abs(CASE WHEN regexp_full_match(j2, '-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?') THEN TRY_CAST(j2 AS DOUBLE) END) <= 8e307 THEN CASE WHEN regexp_full_match(j2, '-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?') THEN TRY_CAST(j2 AS DOUBLE) END END AS f2,
  CASE WHEN abs(CASE WHEN regexp_full_match(j3, '-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?') THEN TRY_CAST(j3 AS DOUBLE) END) <= 8e307 THEN CASE WHEN regexp_full_match(j3, '-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?') THEN TRY_CAST(j3 AS DOUBLE) END END AS f3,
  CASE WHEN abs(CASE WHEN regexp_full_match(j4, '-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?') THEN TRY_CAST(j4 AS DOUBLE) END) <= 8e307 THEN CASE WHEN regexp_full_match(j4, '-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?') THEN TRY_CAST(j4 AS DOUBLE) END END AS f4,
  CASE WHEN substr(j5, 1, 1) = '"' THEN (j5)::JSON ->> '$' END AS f5,
  CASE WHEN substr(j6, 1, 1) = '"' THEN (j6)::JSON ->> '$' END AS f6,
  CASE j7 WHEN 'true' THEN true WHEN 'false' THEN false END AS f7,
  CASE WHEN substr(j8, 1, 1) = '"' THEN (j8)::JSON ->> '$' END AS f8
FROM jsons
), counted AS MATERIALIZED (
SELECT time,
  id,
  substr(time, 1, 16) AS w0,
  substr(time, 1, 13) || ':00' AS w1,
  substr(time, 1, 10) || 'T00:00' AS w2,
  coalesce(f0, 'unknown') AS d0,
  CASE WHEN regexp_full_match(time, '[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?Z') THEN CAST(substr(time, 12, 2) AS BIGINT) END AS d1,
  translate(nullif(regexp_extract(f1, '\A[a-zA-Z][a-zA-Z0-9+.-]*://([^/?#@]*@)?(\[[^\]]*\]|[^/?#:]+)', 2), ''), 'ABCDEFGHIJKLMNOPQRSTUVWXYZÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞĀĂĄĆĈĊČĎĐĒĔĖĘĚĜĞĠĢĤĦĨĪĬĮĲĴĶĹĻĽĿŁŃŅŇŊŌŎŐŒŔŖŘŚŜŞŠŢŤŦŨŪŬŮŰŲŴŶŸŹŻŽƁƂƄƆƇƉƊƋƎƏƐƑƓƔƖƗƘƜƝƟƠƢƤƦƧƩƬƮƯƱƲƳƵƷƸƼǄǅǇǈǊǋǍǏǑǓǕǗǙǛǞǠǢǤǦǨǪǬǮǱǲǴǶǷǸǺǼǾȀȂȄȆȈȊȌȎȐȒȔȖȘȚȜȞȠȢȤȦȨȪȬȮȰȲȺȻȽȾɁɃɄɅɆɈɊɌɎͰͲͶͿΆΈΉΊΌΎΏΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΪΫϏϘϚϜϞϠϢϤϦϨϪϬϮϴϷϹϺϽϾϿЀЁЂЃЄЅІЇЈЉЊЋЌЍЎЏАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯѠѢѤѦѨѪѬѮѰѲѴѶѸѺѼѾҀҊҌҎҐҒҔҖҘҚҜҞҠҢҤҦҨҪҬҮҰҲҴҶҸҺҼҾӀӁӃӅӇӉӋӍӐӒӔӖӘӚӜӞӠӢӤӦӨӪӬӮӰӲӴӶӸӺӼӾԀԂԄԆԈԊԌԎԐԒԔԖԘԚԜԞԠԢԤԦԨԪԬԮ', 'abcdefghijklmnopqrstuvwxyzàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþāăąćĉċčďđēĕėęěĝğġģĥħĩīĭįĳĵķĺļľŀłńņňŋōŏőœŕŗřśŝşšţťŧũūŭůűųŵŷÿźżžɓƃƅɔƈɖɗƌǝəɛƒɠɣɩɨƙɯɲɵơƣƥʀƨʃƭʈưʊʋƴƶʒƹƽǆǆǉǉǌǌǎǐǒǔǖǘǚǜǟǡǣǥǧǩǫǭǯǳǳǵƕƿǹǻǽǿȁȃȅȇȉȋȍȏȑȓȕȗșțȝȟƞȣȥȧȩȫȭȯȱȳⱥȼƚⱦɂƀʉʌɇɉɋɍɏͱͳͷϳάέήίόύώαβγδεζηθικλμνξοπρστυφχψωϊϋϗϙϛϝϟϡϣϥϧϩϫϭϯθϸϲϻͻͼͽѐёђѓєѕіїјљњћќѝўџабвгдежзийклмнопрстуфхцчшщъыьэюяѡѣѥѧѩѫѭѯѱѳѵѷѹѻѽѿҁҋҍҏґғҕҗҙқҝҟҡңҥҧҩҫҭүұҳҵҷҹһҽҿӏӂӄӆӈӊӌӎӑӓӕӗәӛӝӟӡӣӥӧөӫӭӯӱӳӵӷӹӻӽӿԁԃԅԇԉԋԍԏԑԓԕԗԙԛԝԟԡԣԥԧԩԫԭԯ') AS d2,
  f2 AS v1,
  coalesce(f3, 0) AS v2,
  f2 AS v3,
  f4 AS v4,
  translate(f5, 'ABCDEFGHIJKLMNOPQRSTUVWXYZÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞĀĂĄĆĈĊČĎĐĒĔĖĘĚĜĞĠĢĤĦĨĪĬĮĲĴĶĹĻĽĿŁŃŅŇŊŌŎŐŒŔŖŘŚŜŞŠŢŤŦŨŪŬŮŰŲŴŶŸŹŻŽƁƂƄƆƇƉƊƋƎƏƐƑƓƔƖƗƘƜƝƟƠƢƤƦƧƩƬƮƯƱƲƳƵƷƸƼǄǅǇǈǊǋǍǏǑǓǕǗǙǛǞǠǢǤǦǨǪǬǮǱǲǴǶǷǸǺǼǾȀȂȄȆȈȊȌȎȐȒȔȖȘȚȜȞȠȢȤȦȨȪȬȮȰȲȺȻȽȾɁɃɄɅɆɈɊɌɎͰͲͶͿΆΈΉΊΌΎΏΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΪΫϏϘϚϜϞϠϢϤϦϨϪϬϮϴϷϹϺϽϾϿЀЁЂЃЄЅІЇЈЉЊЋЌЍЎЏАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯѠѢѤѦѨѪѬѮѰѲѴѶѸѺѼѾҀҊҌҎҐҒҔҖҘҚҜҞҠҢҤҦҨҪҬҮҰҲҴҶҸҺҼҾӀӁӃӅӇӉӋӍӐӒӔӖӘӚӜӞӠӢӤӦӨӪӬӮӰӲӴӶӸӺӼӾԀԂԄԆԈԊԌԎԐԒԔԖԘԚԜԞԠԢԤԦԨԪԬԮ', 'abcdefghijklmnopqrstuvwxyzàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþāăąćĉċčďđēĕėęěĝğġģĥħĩīĭįĳĵķĺļľŀłńņňŋōŏőœŕŗřśŝşšţťŧũūŭůűųŵŷÿźżžɓƃƅɔƈɖɗƌǝəɛƒɠɣɩɨƙɯɲɵơƣƥʀƨʃƭʈưʊʋƴƶʒƹƽǆǆǉǉǌǌǎǐǒǔǖǘǚǜǟǡǣǥǧǩǫǭǯǳǳǵƕƿǹǻǽǿȁȃȅȇȉȋȍȏȑȓȕȗșțȝȟƞȣȥȧȩȫȭȯȱȳⱥȼƚⱦɂƀʉʌɇɉɋɍɏͱͳͷϳάέήίόύώαβγδεζηθικλμνξοπρστυφχψωϊϋϗϙϛϝϟϡϣϥϧϩϫϭϯθϸϲϻͻͼͽѐёђѓєѕіїјљњћќѝўџабвгдежзийклмнопрстуфхцчшщъыьэюяѡѣѥѧѩѫѭѯѱѳѵѷѹѻѽѿҁҋҍҏґғҕҗҙқҝҟҡңҥҧҩҫҭүұҳҵҷҹһҽҿӏӂӄӆӈӊӌӎӑӓӕӗәӛӝӟӡӣӥӧөӫӭӯӱӳӵӷӹӻӽӿԁԃԅԇԉԋԍԏԑԓԕԗԙԛԝԟԡԣԥԧԩԫԭԯ') AS v5,
  f6 AS v6
FROM fields
WHERE ((NOT f7) AND (f8 IN ('placed', 'paid')) AND (f2 >= 1e-2))
)
SELECT coalesce(w0, w1, w2) AS window_start,
  '[' || coalesce(to_json(d0)::VARCHAR, 'null') || ',' || coalesce(CAST(d1 AS VARCHAR), 'null') || ',' || coalesce(to_json(d2)::VARCHAR, 'null') || ']' AS group_key,
  count(*) AS group_events,
  CAST(count(*) AS VARCHAR) AS "orders",
  '"' || CAST(sum(CAST(CAST(floor(v1 * 100e0 + 0.5e0) AS BIGINT) AS HUGEINT)) AS VARCHAR) || '"' AS "turnover",
  '"' || CAST(sum(CAST(CAST(floor(v2 * 100e0 + 0.5e0) AS BIGINT) AS HUGEINT)) AS VARCHAR) || '"' AS "shipping",
  to_json(max(v3))::VARCHAR AS "largest",
  '[' || CAST(count(CASE WHEN abs(v4) < 9007199254740992e0 THEN floor(v4 * 1000e0 + 0.5e0) END) AS VARCHAR) || ',"' || coalesce(CAST(sum(CAST(CAST(floor((CASE WHEN abs(v4) < 9007199254740992e0 THEN floor(v4 * 1000e0 + 0.5e0) END) / 70368744177664e0) AS BIGINT) AS HUGEINT)) * 70368744177664 + sum(CAST(CAST((CASE WHEN abs(v4) < 9007199254740992e0 THEN floor(v4 * 1000e0 + 0.5e0) END) - floor((CASE WHEN abs(v4) < 9007199254740992e0 THEN floor(v4 * 1000e0 + 0.5e0) END) / 70368744177664e0) * 70368744177664e0 AS BIGINT) AS HUGEINT)) AS VARCHAR), '0') || '"]' AS "weight",
  to_json(list(DISTINCT ('0x' || substr(md5(CAST(v5 AS VARCHAR)), 1, 3))::INTEGER * 64 + 4 * (13 - length(trim(LEADING '0' FROM substr(md5(CAST(v5 AS VARCHAR)), 4, 13)))) + CASE WHEN trim(LEADING '0' FROM substr(md5(CAST(v5 AS VARCHAR)), 4, 13)) = '' OR trim(LEADING '0' FROM substr(md5(CAST(v5 AS VARCHAR)), 4, 13)) >= '8' THEN 1 WHEN trim(LEADING '0' FROM substr(md5(CAST(v5 AS VARCHAR)), 4, 13)) >= '4' THEN 2 WHEN trim(LEADING '0' FROM substr(md5(CAST(v5 AS VARCHAR)), 4, 13)) >= '2' THEN 3 ELSE 4 END) FILTER (WHERE v5 IS NOT NULL))::VARCHAR AS "customers",
  to_json(list_sort(list_transform(map_entries(histogram(CAST(v6 AS VARCHAR))), lambda e: {'n': -(e.value::BIGINT), 'v': e.key}))[1:1001])::VARCHAR AS "coupons",
  CASE WHEN w0 IS NOT NULL THEN '1m' WHEN w1 IS NOT NULL THEN '1h' WHEN w2 IS NOT NULL THEN '1d' END AS window_size,
  substr(coalesce(w0, w1, w2), 1, 10) AS window_day
FROM counted
GROUP BY GROUPING SETS ((w0, d0, d1, d2), (w1, d0, d1, d2), (w2, d0, d1, d2))
