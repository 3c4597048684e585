"""The faults that the ports of ets-wfs20, ets-wmts10 and ets-ogcapi-processes10 must notice, by suite.

Each names the checks that it is there for; others may fail with them.
"""

from __future__ import annotations

from tests.conformance.faulty import Fault

WFS = (
    Fault(
        "a missing service is forgiven",
        ("SimpleCapabilities.getCapabilities_missingServiceParam",),
        asked="request=GetCapabilities$",
        status=200,
    ),
    Fault(
        "nobody provides the service",
        ("SimpleCapabilities.getFullCapabilities",),
        "GetCapabilities",
        rb"<ows:ServiceProvider>.*</ows:ServiceProvider>",
    ),
    Fault(
        "capabilities of another version",
        ("SimpleCapabilities.getCapabilities_acceptVersions",),
        "acceptversions",
        rb'WFS_Capabilities version="2.0.0"',
        b'WFS_Capabilities version="1.1.0"',
    ),
    Fault(
        "resolve is not listed",
        ("ServiceMetadata.capabilitiesDocCorrespondsToWfsSimple",),
        "GetCapabilities",
        rb'name="resolve"',
        b'name="solve"',
    ),
    Fault(
        "a schema is called otherwise",
        ("DescribeFeatureType.describeAllFeatureTypes",),
        "DescribeFeatureType",
        rb"xsd:schema",
        b"xsd:schemas",
    ),
    Fault(
        "another's names are taken for ours",
        ("DescribeFeatureType.describeUnknownFeatureType",),
        "example.org",
        rb"InvalidParameterValue",
        b"NoApplicableCode",
    ),
    Fault(
        "stored queries have no names",
        ("ListStoredQueries.listStoredQueries", "DescribeStoredQueries.describeStoredQuery_GetFeatureById"),
        "StoredQueries",
        rb"GetFeatureById",
        b"Get",
    ),
    Fault(
        "an unknown stored query is not found",
        ("StoredQuery.unknownStoredQuery",),
        "docbook",
        rb"InvalidParameterValue",
        b"NotFound",
    ),
    Fault(
        "an unknown id is an empty answer",
        ("StoredQuery.invokeGetFeatureByIdWithUnknownID",),
        "uuid-",
        status=200,
    ),
    Fault(
        "ids are others than they were",
        ("StoredQuery.invokeGetFeatureById",),
        "StoredQuery",
        rb'gml:id="roads',
        b'gml:id="road',
    ),
    Fault(
        "ad-hoc queries are not implemented",
        ("BasicCapabilities.describesBasicWFS",),
        "GetCapabilities",
        rb'ImplementsAdHocQuery"><ows:NoValues/><ows:DefaultValue>TRUE',
        b'ImplementsAdHocQuery"><ows:NoValues/><ows:DefaultValue>FALSE',
    ),
    Fault(
        "nothing is found",
        (
            "BasicGetFeature.getFeaturesByType",
            "ResourceIdFilter.twoValidFeatureIdentifiers",
            "PropertyIsEqualTo.caseSensitive and NotEqualTo",
            "PropertyIsNull.propertyIsNotNull",
            "BBOX.nonSpecificBBOX and bboxWithDefaultExtent",
            "ComparisonOperator.numbers and dates, match any and all",
            "Temporal.after, before and during",
        ),
        "GetFeature[^/]",
        rb"<wfs:member>.*</wfs:member>",
    ),
    Fault(
        "a CRS has another name",
        ("BasicGetFeature.getFeatureInOtherCRS",),
        "srsName",
        rb'srsName="urn:',
        b'srsName="x-urn:',
    ),
    Fault(
        "an unknown CRS is another fault",
        ("BasicGetFeature.getFeatureInUnsupportedCRS",),
        "32690",
        rb'locator="srsName"',
        b'locator="crs"',
    ),
    Fault("ids are no values", ("GetPropertyValue.getProperty_gmlId",), "@gml|%40gml", rb"roads\.", b""),
    Fault(
        "an empty reference is a missing one",
        ("GetPropertyValue.getProperty_emptyValueRef",),
        'valueReference=(&|"")',
        rb"InvalidParameterValue",
        b"MissingParameterValue",
    ),
    Fault(
        "gml:name is refused",
        ("GetPropertyValue.property of GML", "PropertyIsNull.gmlNameIsNull"),
        "gml(:|%3A)name",
        status=400,
    ),
    Fault(
        "an unknown id is a fault", ("ResourceIdFilter.unknownFeatureIdentifier",), "test-0b6a", status=400
    ),
    Fault(
        "an id of another type finds nothing",
        ("ResourceIdFilter.inconsistentFeatureIdentifierAndType",),
        "resourceid=facilities",
        status=200,
    ),
    Fault(
        "comparisons are not heard",
        ("ComparisonOperator.numbers and dates, match any and all", "PropertyIsLike.propertyIsLike and Not"),
        "PropertyIs",
        rb">[^<>]+</huong:(width_m|name|area_m2|area_km2|boundary_source|old_names|lot_code|[a-z_]+)>",
        rb">999999</huong:\1>",
    ),
    Fault(
        "a property of nobody's is nothing",
        ("ComparisonOperator.invalidPropertyReference",),
        "ex(:|%3A)",
        status=200,
    ),
    Fault(
        "a box is compared",
        ("ComparisonOperator.invalidOperand_boundedBy",),
        "LessThanOrEqualTo.*boundedBy",
        status=200,
    ),
    Fault(
        "nil is what is left out",
        ("PropertyIsNil.propertyIsNil",),
        "PropertyIsNil",
        rb"</wfs:FeatureCollection>",
        b'<wfs:member><x:roads xmlns:x="urn:huong:layers"/></wfs:member></wfs:FeatureCollection>',
    ),
    Fault("a description has a place", ("BBOX.invalidGeometryOperand",), "gml(:|%3A)description", status=200),
    Fault("hits have no next", ("Paging.getFeatureWithHitsOnly",), "hits", rb' next="[^"]*"'),
    Fault(
        "nothing comes before",
        ("Paging.traverseResultSetInBothDirections",),
        "STARTINDEX",
        rb' previous="[^"]*"',
    ),
    Fault("anything is resolved", ("resolve",), "resolve=remote", status=200),
    Fault(
        "a version need not be said", ("versions",), "request=GetFeature&typeNames=roads&count=1$", status=200
    ),
)

WFS += (
    Fault(
        "what is found lies elsewhere",
        ("Intersects.intersectsPolygon and intersectsCurve",),
        "Intersects",
        rb"<gml:posList>[^<]*</gml:posList>",
        b"<gml:posList>0 0 0 1 1 1 0 0</gml:posList>",
    ),
    Fault(
        "what is found was before the period",
        ("After.afterPeriod, Before.beforePeriod and During.duringPeriod",),
        "During",
        rb">\d{4}-\d\d-\d\d<",
        b">1000-01-01<",
    ),
)
WMTS = (
    Fault(
        "a well-known scale set in another CRS",
        ("GetCapabilities.Response.TileMatrixSet.WellKnownScaleSet",),
        "GetCapabilities",
        rb"EPSG:6.18:3:3857",
        b"EPSG::3857",
    ),
    Fault("what is no query is one", ("InvalidQueryString",), "~", status=200),
    Fault(
        "any service is this one",
        ("InvalidService",),
        "BOGUS",
        rb"InvalidParameterValue",
        b"NoApplicableCode",
    ),
    Fault(
        "an unknown operation is not supported",
        ("InvalidRequest",),
        "GetBOGUS",
        rb"InvalidParameterValue",
        b"OperationNotSupported",
    ),
    Fault(
        "nobody provides the service",
        ("GetCapabilities.Request.Mandatory", "GetCapabilities.Request.Sections"),
        "GetCapabilities",
        rb"<ows:ServiceProvider>.*</ows:ServiceProvider>",
    ),
    Fault(
        "a missing service is this one",
        ("GetCapabilities.Request.NoService",),
        r"\?request=GetCapabilities$",
        status=200,
    ),
    Fault(
        "a missing request is one for capabilities",
        ("GetCapabilities.Request.NoRequest",),
        r"\?service=WMTS&version=1.0.0$",
        status=200,
    ),
    Fault(
        "no version is the right one", ("GetCapabilities.Request.AcceptVersions.Valid",), "9.9.9", status=400
    ),
    Fault(
        "negotiation fails somewhere",
        ("GetCapabilities.Request.AcceptVersions.Invalid",),
        "2.2.2",
        rb"exceptionCode=",
        b'locator="AcceptVersions" exceptionCode=',
    ),
    Fault(
        "capabilities are a page",
        ("GetCapabilities.Request.AcceptFormats and Response.AdvertisedFormat",),
        "AcceptFormats",
        media_type="text/html",
    ),
    Fault(
        "letters have one case", ("GetCapabilities.Request.CaseInsensitive.KVP.Names",), "SeRvIcE", status=400
    ),
    Fault(
        "any section is one", ("GetCapabilities.Request.Sections.Invalid and Missing",), "Bogus", status=200
    ),
    Fault(
        "nothing has a sequence",
        ("GetCapabilities.Request.UpdateSequence",),
        "GetCapabilities",
        rb' updateSequence="\d+"',
    ),
    Fault(
        "addresses are no prefixes",
        ("GetCapabilities.Response.Encoding.Constraint and OnlineResource",),
        "GetCapabilities",
        rb'wmts\?"',
        b'wmts"',
    ),
    Fault(
        "two layers have one name",
        ("GetCapabilities.Response.identifiers are unique",),
        "GetCapabilities",
        rb"<ows:Identifier>roads<",
        b"<ows:Identifier>parcels<",
    ),
    Fault(
        "a layer is in a grid of nobody's",
        ("GetCapabilities.Response.Layer.TileMatrixSet.Valid",),
        "GetCapabilities",
        rb"<TileMatrixSetLink><TileMatrixSet>[^<]*",
        b"<TileMatrixSetLink><TileMatrixSet>Bogus",
    ),
    Fault(
        "legends are no pictures",
        ("GetCapabilities.Response.Layer.LegendURL",),
        "/legend/",
        media_type="text/html",
    ),
    Fault(
        "tiles are text",
        ("GetTile.Mandatory, Valid.Tile.Format and Size", "RESTful.GetCapabilities and GetTile"),
        "GetTile|/12/",
        media_type="text/plain",
    ),
    Fault(
        "what is missing is guessed",
        ("GetTile.Missing", "GetFeatureInfo.Missing"),
        "Layer=roads",
        rb"MissingParameterValue",
        b"InvalidParameterValue",
    ),
    Fault(
        "what is wrong is missing",
        ("GetTile.Invalid", "GetFeatureInfo.Invalid"),
        "BOGUS",
        rb"InvalidParameterValue",
        b"MissingParameterValue",
    ),
    Fault("the current tile is another", ("GetTile.SampleDimension",), "Time=current", rb"$", b"x"),
    Fault("nothing is opaque", ("GetTile.Valid.Tile.Transparency",), "TileRow=0", status=404),
    Fault(
        "what is there has one format",
        ("GetFeatureInfo.Valid.InfoFormat",),
        "InfoFormat",
        media_type="text/xml",
    ),
    Fault("the ground can be asked", ("GetFeatureInfo.NonQueryable.Layer",), "basemap", status=200),
    Fault("WMS is another's", ("QGIS",), "SERVICE=WMS&", status=400),
)

PROCESSES = (
    Fault("HTTP is another", ("GeneralHttp.testHttp",), http_version="HTTP/2"),
    Fault(
        "an answer has no outputs",
        (
            "Jobs.testJobCreationInputArray",
            "Jobs.testJobCreationInputRef",
            "Jobs.testJobCreationSyncRawValueOne",
        ),
        "execution",
        rb"^.*$",
        b"[]",
    ),
    Fault(
        "links are lost",
        ("LandingPage.testLandingPageValidation", "ProcessList.testPlLinks and testProcessListSuccess"),
        "",
        rb'"rel":',
        b'"relation":',
    ),
    Fault(
        "core is not declared",
        ("Conformance.testValidateConformanceOperationAndResponse",),
        "conformance",
        rb"ogcapi-processes-1",
        b"ogcapi-processes-2",
    ),
    Fault(
        "limit is not heard",
        ("ProcessList.testPlLimitResponse",),
        "limit=1",
        rb'"processes":\[',
        b'"processes":[{},',
    ),
    Fault(
        "exceptions have types of our own",
        (
            "Process.testProcessExceptionNoSuchProcess",
            "Jobs.testJobExceptionNoSuchJob",
            "Jobs.testJobResultsNoSuchJob",
        ),
        "invalid-",
        rb"http://www.opengis.net/def/exceptions",
        b"urn:huong:problem",
    ),
    Fault(
        "an output has no schema",
        ("Process.testProcessSuccess, OGCProcessDescription",),
        "processes/echo$",
        rb'"schema":',
        b'"form":',
    ),
    Fault(
        "a run makes a job",
        (
            "Jobs.testJobCreationAutoExecutionMode",
            "Jobs.testJobCreationDefaultOutputs",
            "Jobs.testJobCreationInputInlineBbox",
            "Jobs.testJobCreationInputInlineObject and Mixed",
            "Jobs.testJobCreationSyncRawValueMulti and MixedMulti",
            "Jobs.testJobResultsSync",
        ),
        "execution",
        status=201,
    ),
    Fault(
        "results are others than the run's",
        ("Jobs.testJobResults, AsyncDocument and AsyncRaw",),
        "/results",
        rb"teststring",
        b"another string",
    ),
    Fault(
        "jobs have no ids",
        ("JobList.testJobList and testJobListSuccess",),
        "/jobs",
        rb'"jobID":',
        b'"id":',
    ),
    Fault(
        "limit is a text",
        ("ProcessList.testPlLimitDefinition",),
        "/api$",
        rb'"type":"integer"',
        b'"type":"string"',
    ),
    Fault(
        "several outputs are one text",
        ("Jobs.testJobCreationDefaultExecutionMode, Op, Request and Inputs",),
        "execution",
        media_type="text/plain",
    ),
    Fault(
        "exceptions have no type",
        ("Jobs.testJobCreationInputValidation", "Jobs.testJobResultsFailed"),
        "execution",
        rb'"type":"urn',
        b'"kind":"urn',
    ),
    Fault(
        "a document is a list",
        ("Jobs.testJobCreationSyncDocument",),
        "document",
        rb"^\{.*\}$",
        b'{"outputs":[]}',
    ),
)

FAULTS = {"wfs20": WFS, "wmts10": WMTS, "processes10": PROCESSES}
