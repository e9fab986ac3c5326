(SELECT e.*, l0, l3, l4, CAST(NULL AS VARCHAR) AS l1, l2 FROM events AS e
LEFT JOIN (
SELECT _rows, _key, _l0 AS l0, CASE WHEN regexp_like(_l3, '\A(?:-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?)\z') THEN CASE WHEN abs(TRY_CAST(_l3 AS DOUBLE)) <= 8e307 THEN TRY_CAST(_l3 AS DOUBLE) END END AS l3, CASE _l4 WHEN 'true' THEN true WHEN 'false' THEN false END AS l4 FROM (
SELECT _rows, _key, CASE WHEN starts_with(json_format(element_at(_cells, 'name')), '"') THEN CASE WHEN strpos(json_format(element_at(_cells, 'name')), '\') > 0 THEN json_extract_scalar(json_format(element_at(_cells, 'name')), '$') ELSE substr(json_format(element_at(_cells, 'name')), 2, length(json_format(element_at(_cells, 'name'))) - 2) END END AS _l0, CASE WHEN starts_with(json_format(element_at(_cells, 'area')), '"') THEN CASE WHEN strpos(json_format(element_at(_cells, 'area')), '\') > 0 THEN json_extract_scalar(json_format(element_at(_cells, 'area')), '$') ELSE substr(json_format(element_at(_cells, 'area')), 2, length(json_format(element_at(_cells, 'area'))) - 2) END END AS _l3, CASE WHEN starts_with(json_format(element_at(_cells, 'isIsland')), '"') THEN CASE WHEN strpos(json_format(element_at(_cells, 'isIsland')), '\') > 0 THEN json_extract_scalar(json_format(element_at(_cells, 'isIsland')), '$') ELSE substr(json_format(element_at(_cells, 'isIsland')), 2, length(json_format(element_at(_cells, 'isIsland'))) - 2) END END AS _l4 FROM (
SELECT _rows, _key, TRY(CAST(json_parse(_row) AS MAP(VARCHAR, JSON))) AS _cells FROM tables_of_aa_bb AS t
) AS o
) AS c
) AS _t0 ON _t0._key = CAST(f0 AS VARCHAR) AND _t0._rows = CASE WHEN time >= '2026-11-21T10:00:00.000Z' THEN 'bb' WHEN time >= '' THEN 'aa' END
LEFT JOIN (
SELECT _rows, _key, _l2 AS l2 FROM (
SELECT _rows, _key, CASE WHEN starts_with(json_format(element_at(_cells, 'value')), '"') THEN CASE WHEN strpos(json_format(element_at(_cells, 'value')), '\') > 0 THEN json_extract_scalar(json_format(element_at(_cells, 'value')), '$') ELSE substr(json_format(element_at(_cells, 'value')), 2, length(json_format(element_at(_cells, 'value'))) - 2) END END AS _l2 FROM (
SELECT _rows, _key, TRY(CAST(json_parse(_row) AS MAP(VARCHAR, JSON))) AS _cells FROM tables_of_cc AS t
) AS o
) AS c
) AS _t1 ON _t1._key = CAST(f1 AS VARCHAR) AND _t1._rows = CASE WHEN time >= '' THEN 'cc' END)
