WITH kept AS (
SELECT * FROM (
  SELECT *, row_number() OVER (PARTITION BY substr(time, 1, 10), source, id ORDER BY epoch, shard, length(seq), seq, line) AS nth FROM events
) WHERE NOT repeated AND nth = 1
), documents AS (
SELECT time,
  id,
  json_parse(data) AS document
FROM kept
), jsons AS  (
SELECT time,
  id,
  json_format(json_extract(document, '$["customer"]["address"]["country"]')) AS j0,
  json_format(json_extract(document, '$["referrer"]')) AS j1,
  json_format(json_extract(document, '$["price"]')) AS j2,
  json_format(json_extract(document, '$["shipping"]')) AS j3,
  json_format(json_extract(document, '$["weight"]')) AS j4,
  json_format(json_extract(document, '$["customer"]["email"]')) AS j5,
  json_format(json_extract(document, '$["coupon"]')) AS j6,
  json_format(json_extract(document, '$["test"]')) AS j7,
  json_format(json_extract(document, '$["status"]')) AS j8
FROM documents
), fields AS  (
SELECT time,
  id,
  CASE WHEN substr(j0, 1, 1) = '"' THEN json_extract_scalar(j0, '$') END AS f0,
  CASE WHEN substr(j1, 1, 1) = '"' THEN json_extract_scalar(j1, '$') END AS f1,
  CASE WHEN abs(CASE WHEN regexp_like(j2, '\A(?:-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?)\z') THEN TRY_CAST(j2 AS DOUBLE) END) <= 8e307 THEN CASE WHEN regexp_like(j2, '\A(?:-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?)\z') THEN TRY_CAST(j2 AS DOUBLE) END END AS f2,
  CASE WHEN abs(CASE WHEN regexp_like(j3, '\A(?:-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?)\z') THEN TRY_CAST(j3 AS DOUBLE) END) <= 8e307 THEN CASE WHEN regexp_like(j3, '\A(?:-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?)\z') THEN TRY_CAST(j3 AS DOUBLE) END END AS f3,
  CASE WHEN abs(CASE WHEN regexp_like(j4, '\A(?:-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?)\z') THEN TRY_CAST(j4 AS DOUBLE) END) <= 8e307 THEN CASE WHEN regexp_like(j4, '\A(?:-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?)\z') THEN TRY_CAST(j4 AS DOUBLE) END END AS f4,
  CASE WHEN substr(j5, 1, 1) = '"' THEN json_extract_scalar(j5, '$') END AS f5,
  CASE WHEN substr(j6, 1, 1) = '"' THEN json_extract_scalar(j6, '$') END AS f6,
  CASE j7 WHEN 'true' THEN true WHEN 'false' THEN false END AS f7,
  CASE WHEN substr(j8, 1, 1) = '"' THEN json_extract_scalar(j8, '$') END AS f8
FROM jsons
), counted AS  (
SELECT time,
  id,
  substr(time, 1, 16) AS w0,
  substr(time, 1, 13) || ':00' AS w1,
  substr(time, 1, 10) || 'T00:00' AS w2,
  coalesce(f0, 'unknown') AS d0,
  CASE WHEN regexp_like(time, '\A(?:[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?Z)\z') THEN CAST(substr(time, 12, 2) AS BIGINT) END AS d1,
  translate(regexp_extract(f1, '\A[a-zA-Z][a-zA-Z0-9+.-]*://([^/?#@]*@)?(\[[^\]]*\]|[^/?#:]+)', 2), 'ABCDEFGHIJKLMNOPQRSTUVWXYZÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞĀĂĄĆĈĊČĎĐĒĔĖĘĚĜĞĠĢĤĦĨĪĬĮĲĴĶĹĻĽĿŁŃŅŇŊŌŎŐŒŔŖŘŚŜŞŠŢŤŦŨŪŬŮŰŲŴŶŸŹŻŽƁƂƄƆƇƉƊƋƎƏƐƑƓƔƖƗƘƜƝƟƠƢƤƦƧƩƬƮƯƱƲƳƵƷƸƼǄǅǇǈǊǋǍǏǑǓǕǗǙǛǞǠǢǤǦǨǪǬǮǱǲǴǶǷǸǺǼǾȀȂȄȆȈȊȌȎȐȒȔȖȘȚȜȞȠȢȤȦȨȪȬȮȰȲȺȻȽȾɁɃɄɅɆɈɊɌɎͰͲͶͿΆΈΉΊΌΎΏΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΪΫϏϘϚϜϞϠϢϤϦϨϪϬϮϴϷϹϺϽϾϿЀЁЂЃЄЅІЇЈЉЊЋЌЍЎЏАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯѠѢѤѦѨѪѬѮѰѲѴѶѸѺѼѾҀҊҌҎҐҒҔҖҘҚҜҞҠҢҤҦҨҪҬҮҰҲҴҶҸҺҼҾӀӁӃӅӇӉӋӍӐӒӔӖӘӚӜӞӠӢӤӦӨӪӬӮӰӲӴӶӸӺӼӾԀԂԄԆԈԊԌԎԐԒԔԖԘԚԜԞԠԢԤԦԨԪԬԮ', 'abcdefghijklmnopqrstuvwxyzàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþāăąćĉċčďđēĕėęěĝğġģĥħĩīĭįĳĵķĺļľŀłńņňŋōŏőœŕŗřśŝşšţťŧũūŭůűųŵŷÿźżžɓƃƅɔƈɖɗƌǝəɛƒɠɣɩɨƙɯɲɵơƣƥʀƨʃƭʈưʊʋƴƶʒƹƽǆǆǉǉǌǌǎǐǒǔǖǘǚǜǟǡǣǥǧǩǫǭǯǳǳǵƕƿǹǻǽǿȁȃȅȇȉȋȍȏȑȓȕȗșțȝȟƞȣȥȧȩȫȭȯȱȳⱥȼƚⱦɂƀʉʌɇɉɋɍɏͱͳͷϳάέήίόύώαβγδεζηθικλμνξοπρστυφχψωϊϋϗϙϛϝϟϡϣϥϧϩϫϭϯθϸϲϻͻͼͽѐёђѓєѕіїјљњћќѝўџабвгдежзийклмнопрстуфхцчшщъыьэюяѡѣѥѧѩѫѭѯѱѳѵѷѹѻѽѿҁҋҍҏґғҕҗҙқҝҟҡңҥҧҩҫҭүұҳҵҷҹһҽҿӏӂӄӆӈӊӌӎӑӓӕӗәӛӝӟӡӣӥӧөӫӭӯӱӳӵӷӹӻӽӿԁԃԅԇԉԋԍԏԑԓԕԗԙԛԝԟԡԣԥԧԩԫԭԯ') AS d2,
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
  '[' || coalesce(json_format(CAST(d0 AS JSON)), 'null') || ',' || coalesce(CAST(d1 AS VARCHAR), 'null') || ',' || coalesce(json_format(CAST(d2 AS JSON)), 'null') || ']' AS group_key,
  count(*) AS group_events,
  CAST(count(*) AS VARCHAR) AS "orders",
  '"' || CAST(sum(CAST(CAST(floor(v1 * 100e0 + 0.5e0) AS BIGINT) AS DECIMAL(38,0))) AS VARCHAR) || '"' AS "turnover",
  '"' || CAST(sum(CAST(CAST(floor(v2 * 100e0 + 0.5e0) AS BIGINT) AS DECIMAL(38,0))) AS VARCHAR) || '"' AS "shipping",
  json_format(CAST(max(v3) AS JSON)) AS "largest",
  '[' || CAST(count(CASE WHEN abs(v4) < 9007199254740992e0 THEN floor(v4 * 1000e0 + 0.5e0) END) AS VARCHAR) || ',"' || coalesce(CAST(sum(CAST(CAST(floor((CASE WHEN abs(v4) < 9007199254740992e0 THEN floor(v4 * 1000e0 + 0.5e0) END) / 70368744177664e0) AS BIGINT) AS DECIMAL(38,0))) * 70368744177664 + sum(CAST(CAST((CASE WHEN abs(v4) < 9007199254740992e0 THEN floor(v4 * 1000e0 + 0.5e0) END) - floor((CASE WHEN abs(v4) < 9007199254740992e0 THEN floor(v4 * 1000e0 + 0.5e0) END) / 70368744177664e0) * 70368744177664e0 AS BIGINT) AS DECIMAL(38,0))) AS VARCHAR), '0') || '"]' AS "weight",
  json_format(CAST(array_agg(DISTINCT from_base(substr(lower(to_hex(md5(to_utf8(CAST(v5 AS VARCHAR))))), 1, 3), 16) * 64 + 4 * (13 - length(trim(LEADING '0' FROM substr(lower(to_hex(md5(to_utf8(CAST(v5 AS VARCHAR))))), 4, 13)))) + CASE WHEN trim(LEADING '0' FROM substr(lower(to_hex(md5(to_utf8(CAST(v5 AS VARCHAR))))), 4, 13)) = '' OR trim(LEADING '0' FROM substr(lower(to_hex(md5(to_utf8(CAST(v5 AS VARCHAR))))), 4, 13)) >= '8' THEN 1 WHEN trim(LEADING '0' FROM substr(lower(to_hex(md5(to_utf8(CAST(v5 AS VARCHAR))))), 4, 13)) >= '4' THEN 2 WHEN trim(LEADING '0' FROM substr(lower(to_hex(md5(to_utf8(CAST(v5 AS VARCHAR))))), 4, 13)) >= '2' THEN 3 ELSE 4 END) FILTER (WHERE v5 IS NOT NULL) AS JSON)) AS "customers",
  json_format(CAST(slice(array_sort(transform(map_entries(histogram(CAST(v6 AS VARCHAR))), e -> CAST(ROW(-e[2], e[1]) AS ROW(n BIGINT, v VARCHAR)))), 1, 1001) AS JSON)) AS "coupons",
  CASE WHEN w0 IS NOT NULL THEN '1m' WHEN w1 IS NOT NULL THEN '1h' WHEN w2 IS NOT NULL THEN '1d' END AS window_size,
  substr(coalesce(w0, w1, w2), 1, 10) AS window_day
FROM counted
GROUP BY GROUPING SETS ((w0, d0, d1, d2), (w1, d0, d1, d2), (w2, d0, d1, d2))
