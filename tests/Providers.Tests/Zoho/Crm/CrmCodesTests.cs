using System.Net;
using ZohoPlatform.Providers.Http;
using ZohoPlatform.Providers.Zoho.Crm;
using ZohoPlatform.ServiceDefaults.Failures;
using static ZohoPlatform.Providers.Tests.Outcomes;

namespace ZohoPlatform.Providers.Tests.Zoho.Crm;

public sealed class CrmCodesTests
{
    private static readonly CrmRequest Listing = new(CrmMethods.ListRecords) { Module = "Leads" };
    private static readonly CrmRequest Inserting = new(CrmMethods.Insert) { Module = "Leads" };

    /// <summary>Every code of Zoho CRM's pages and OpenAPI files that an operation of ours may answer.</summary>
    public static TheoryData<string, CrmCodeClass, string> Documented => new()
    {
        { "SUCCESS", CrmCodeClass.Done, "done" },
        { "ADDED", CrmCodeClass.Done, "done" },
        { "ADDED_SUCCESSFULLY", CrmCodeClass.Done, "done" },
        { "SCHEDULED", CrmCodeClass.Done, "done" },
        { "NO_CONTENT", CrmCodeClass.Empty, "nothing_found" },
        { "NO_RECORDS_FOUND", CrmCodeClass.Empty, "nothing_found" },
        { "INVALID_TOKEN", CrmCodeClass.Auth, "zoho_token_refused" },
        { "INVALID_OAUTHTOKEN", CrmCodeClass.Auth, "zoho_token_refused" },
        { "AUTHENTICATION_FAILURE", CrmCodeClass.Auth, "zoho_token_refused" },
        { "OAUTH_SCOPE_MISMATCH", CrmCodeClass.Configuration, "scopes_missing" },
        { "NO_PERMISSION", CrmCodeClass.Configuration, "no_privilege" },
        { "AUTHORIZATION_FAILED", CrmCodeClass.Configuration, "no_privilege" },
        { "TOO_MANY_REQUESTS", CrmCodeClass.Throttled, "zoho_throttled" },
        { "RATE_LIMIT_EXCEEDED", CrmCodeClass.Throttled, "zoho_throttled" },
        { "LIMIT_EXCEEDED", CrmCodeClass.BadRequest, "too_many_entries" },
        { "LIMIT_REACHED", CrmCodeClass.BadRequest, "pages_exhausted" },
        { "STORAGE_SPACE_EXCEEDED", CrmCodeClass.PlanLimit, "zoho_storage_full" },
        { "MAX_RECORDS_LIMIT_REACHED", CrmCodeClass.PlanLimit, "zoho_storage_full" },
        { "INVALID_MODULE", CrmCodeClass.Configuration, "module_not_available" },
        { "MODULE_NOT_AVAILABLE", CrmCodeClass.Configuration, "module_not_available" },
        { "MODULE_NOT_SUPPORTED", CrmCodeClass.Configuration, "module_not_available" },
        { "API_NOT_SUPPORTED", CrmCodeClass.Configuration, "module_not_available" },
        { "FIELD_NOT_AVAILABLE", CrmCodeClass.Configuration, "field_not_available" },
        { "FIELD_NOT_SUPPORTED", CrmCodeClass.Configuration, "field_not_available" },
        { "NOT_SUPPORTED", CrmCodeClass.Configuration, "not_supported_here" },
        { "NOT_SUPPORTED_FEATURE", CrmCodeClass.Configuration, "not_supported_here" },
        { "NOT_ALLOWED", CrmCodeClass.Configuration, "not_supported_here" },
        { "FEATURE_NOT_ENABLED", CrmCodeClass.Configuration, "not_supported_here" },
        { "FEATURE_NOT_SUPPORTED", CrmCodeClass.Configuration, "not_supported_here" },
        { "TERRITORY_NOT_ENABLED", CrmCodeClass.Configuration, "not_supported_here" },
        { "INVALID_DATA", CrmCodeClass.BadData, "invalid_value" },
        { "MANDATORY_NOT_FOUND", CrmCodeClass.BadData, "mandatory_field_missing" },
        { "REQUIRED_DATA_NOT_FOUND", CrmCodeClass.BadData, "mandatory_field_missing" },
        { "EXPECTED_FIELD_MISSING", CrmCodeClass.BadData, "mandatory_field_missing" },
        { "DEPENDENT_FIELD_MISSING", CrmCodeClass.BadData, "mandatory_field_missing" },
        { "DEPENDENT_MISMATCH", CrmCodeClass.BadData, "values_do_not_fit" },
        { "MAPPING_MISMATCH", CrmCodeClass.BadData, "values_do_not_fit" },
        { "DATA_MISMATCH", CrmCodeClass.BadData, "values_do_not_fit" },
        { "AMBIGUITY_DURING_PROCESSING", CrmCodeClass.BadData, "values_do_not_fit" },
        { "MULTIPLE_OR_MULTI_ERRORS", CrmCodeClass.BadData, "invalid_value" },
        { "DUPLICATE_DATA", CrmCodeClass.Duplicate, "duplicate_record" },
        { "RECORD_LOCKED", CrmCodeClass.Held, "record_locked" },
        { "NOT_APPROVED", CrmCodeClass.Held, "record_in_approval" },
        { "NOT_REVIEWED", CrmCodeClass.Held, "record_in_approval" },
        { "RECORD_IN_BLUEPRINT", CrmCodeClass.Held, "record_in_blueprint" },
        { "CANNOT_PERFORM_ACTION", CrmCodeClass.Held, "action_not_possible" },
        { "CANNOT_BE_UPDATED", CrmCodeClass.Held, "action_not_possible" },
        { "CANNOT_UPDATE", CrmCodeClass.Held, "action_not_possible" },
        { "CANNOT_DELETE", CrmCodeClass.Held, "action_not_possible" },
        { "CANNOT_PROCESS", CrmCodeClass.Held, "action_not_possible" },
        { "ALREADY_SCHEDULED", CrmCodeClass.Held, "action_not_possible" },
        { "ALREADY_USED", CrmCodeClass.Held, "action_not_possible" },
        { "ALREADY_MODIFIED", CrmCodeClass.Changed, "record_changed" },
        { "ID_ALREADY_CONVERTED", CrmCodeClass.Converted, "lead_already_converted" },
        { "CONVERTED_RECORD", CrmCodeClass.Converted, "record_converted" },
        { "NOT_FOUND", CrmCodeClass.Gone, "record_gone" },
        { "RESOURCE_NOT_FOUND", CrmCodeClass.Gone, "resource_gone" },
        { "NOT_SUBSCRIBED", CrmCodeClass.Gone, "channel_gone" },
        { "PAGINATION_LIMIT_EXCEEDED", CrmCodeClass.BadRequest, "pages_exhausted" },
        { "DISCRETE_PAGINATION_LIMIT_EXCEEDED", CrmCodeClass.BadRequest, "pages_exhausted" },
        { "PAGE_RANGE_EXCEEDED", CrmCodeClass.BadRequest, "pages_exhausted" },
        { "PAGE_NOT_SUPPORTED", CrmCodeClass.BadRequest, "pages_exhausted" },
        { "EXPIRED_VALUE", CrmCodeClass.Restart, "page_token_expired" },
        { "TOKEN_BOUND_DATA_MISMATCH", CrmCodeClass.Restart, "page_token_expired" },
        { "SYNTAX_ERROR", CrmCodeClass.BadRequest, "query_refused" },
        { "INVALID_QUERY", CrmCodeClass.BadRequest, "query_refused" },
        { "DUPLICATE_ALIAS", CrmCodeClass.BadRequest, "query_refused" },
        { "INVALID_ALIAS", CrmCodeClass.BadRequest, "query_refused" },
        { "QUERY_NOT_SUPPORTED", CrmCodeClass.BadRequest, "query_refused" },
        { "JOIN_LIMIT_EXCEEDED", CrmCodeClass.BadRequest, "query_refused" },
        { "CVID_NOT_SUPPORTED", CrmCodeClass.BadRequest, "query_refused" },
        { "CRITERIA_LIMIT_EXCEEDED", CrmCodeClass.BadRequest, "criteria_refused" },
        { "CRITERIA_NOT_SUPPORTED", CrmCodeClass.BadRequest, "criteria_refused" },
        { "INVALID_CRITERIA", CrmCodeClass.BadRequest, "criteria_refused" },
        { "AMBIGUOUS_CRITERIA", CrmCodeClass.BadRequest, "criteria_refused" },
        { "AMBIGUOUS_GROUP_IN_CRITERIA", CrmCodeClass.BadRequest, "criteria_refused" },
        { "GROUP_OPERATOR_NOT_SUPPORTED", CrmCodeClass.BadRequest, "criteria_refused" },
        { "VALUE_TYPE_NOT_SUPPORTED", CrmCodeClass.BadRequest, "criteria_refused" },
        { "VALUE_IN_CRITERIA_NOT_SUPPORTED", CrmCodeClass.BadRequest, "criteria_refused" },
        { "VALUE_LIMIT_EXCEEDED_IN_CRITERIA", CrmCodeClass.BadRequest, "criteria_refused" },
        { "FIELD_IN_CRITERIA_NOT_AVAILABLE", CrmCodeClass.BadRequest, "criteria_refused" },
        { "FIELD_IN_CRITERIA_NOT_SUPPORTED", CrmCodeClass.BadRequest, "criteria_refused" },
        { "FIELD_COMPARATOR_IN_CRITERIA_NOT_SUPPORTED", CrmCodeClass.BadRequest, "criteria_refused" },
        { "FIELD_AND_COMPARATOR_IN_CRITERIA_NOT_COMPATIBLE", CrmCodeClass.BadRequest, "criteria_refused" },
        { "FIELD_AND_VALUE_IN_CRITERIA_NOT_COMPATIBLE", CrmCodeClass.BadRequest, "criteria_refused" },
        { "COMPARATOR_AND_VALUE_IN_CRITERIA_NOT_COMPATIBLE", CrmCodeClass.BadRequest, "criteria_refused" },
        { "COMPARATOR_AND_ENCRYPTED_VALUE_IN_CRITERIA_NOT_COMPATIBLE", CrmCodeClass.BadRequest, "criteria_refused" },
        { "INVALID_CALLBACK_URL", CrmCodeClass.Configuration, "callback_refused" },
        { "INVALID_CALLBACK_METHOD", CrmCodeClass.Configuration, "callback_refused" },
        { "CALLBACK_FAILURE", CrmCodeClass.Configuration, "callback_refused" },
        { "INVALID_URL_PATTERN", CrmCodeClass.BadRequest, "request_not_understood" },
        { "INVALID_REQUEST", CrmCodeClass.BadRequest, "request_not_understood" },
        { "INVALID_REQUEST_METHOD", CrmCodeClass.BadRequest, "request_not_understood" },
        { "INVALID_SERVICE_NAME", CrmCodeClass.BadRequest, "request_not_understood" },
        { "INVALID_BULK_OPERATION", CrmCodeClass.BadRequest, "request_not_understood" },
        { "JOB_NOT_SUPPORTED", CrmCodeClass.BadRequest, "request_not_understood" },
        { "MEDIA_TYPE_NOT_SUPPORTED", CrmCodeClass.BadRequest, "request_not_understood" },
        { "REQUEST_BODY_IS_EMPTY", CrmCodeClass.BadRequest, "request_not_understood" },
        { "REQUEST_BODY_NOT_READABLE", CrmCodeClass.BadRequest, "request_not_understood" },
        { "REQUEST_BODY_NOT_SUPPORTED", CrmCodeClass.BadRequest, "request_not_understood" },
        { "REQUIRED_PARAM_MISSING", CrmCodeClass.BadRequest, "request_not_understood" },
        { "EXPECTED_PARAM_MISSING", CrmCodeClass.BadRequest, "request_not_understood" },
        { "PATTERN_NOT_MATCHED", CrmCodeClass.BadRequest, "request_not_understood" },
        { "UNABLE_TO_PARSE_DATA_TYPE", CrmCodeClass.BadRequest, "request_not_understood" },
        { "RESERVED_KEYWORD_NOT_ALLOWED", CrmCodeClass.BadRequest, "request_not_understood" },
        { "DEPENDENT_SERVICE_ERROR", CrmCodeClass.Retry, "zoho_busy" },
        { "INTERNAL_ERROR", CrmCodeClass.Retry, "zoho_busy" },
        { "INTERNAL_SERVER_ERROR", CrmCodeClass.Retry, "zoho_busy" },
        { "BAD_GATEWAY", CrmCodeClass.Retry, "zoho_busy" },
        { "SERVICE_UNAVAILABLE", CrmCodeClass.Retry, "zoho_busy" },
    };

    [Theory]
    [MemberData(nameof(Documented))]
    public void Every_documented_code_has_its_class_and_a_sentence_whatever_the_status(string code, CrmCodeClass expected, string failureCode)
    {
        var found = CrmCodes.Find(code, CrmMethods.ListRecords, "");

        Assert.Equal((expected, failureCode), (found.Class, found.FailureCode));
        Assert.Matches("^[a-z_]+\\z", found.FailureCode);
        Assert.EndsWith(".", found.Message, StringComparison.Ordinal);
        Assert.Equal(expected, CrmCodes.ClassOf(failureCode));
        Assert.Equal(expected is CrmCodeClass.Throttled or CrmCodeClass.Retry, found.Class.MayBeRepeated);
        if (expected is CrmCodeClass.Done or CrmCodeClass.Empty)
        {
            return;
        }

        foreach (var status in new[] { HttpStatusCode.OK, HttpStatusCode.BadRequest, HttpStatusCode.Unauthorized, HttpStatusCode.InternalServerError })
        {
            var refusal = Refused(Error(code), status).Failure;
            Assert.Equal((failureCode, expected), (refusal.Code, refusal.CrmClass));
        }
    }

    [Fact]
    public void Nothing_else_is_in_the_table() => Assert.Equal(
        Documented.Select(row => (string)((object[])row)[0]).Order(StringComparer.Ordinal), CrmCodes.Documented.Order(StringComparer.Ordinal));

    [Fact]
    public void A_code_that_nobody_lists_keeps_its_name()
    {
        var refusal = Refused(Error("SOMETHING_NEW"));

        Assert.Equal(("SOMETHING_NEW", CrmCodeClass.Unknown, "zoho_code_unknown"), (refusal.ZohoCode, refusal.Class, refusal.Failure.Code));
        Assert.Contains("SOMETHING_NEW", refusal.Failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", Refused(Error("<b>ada@example.com</b>")).Failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"code":"TOO_MANY_REQUESTS","details":{},"message":"You have exceeded your concurrency limit","status":"error"}""", "crm_concurrency_reached")]
    [InlineData("""{"code":"TOO_MANY_REQUESTS","details":{},"message":"API credits of the day are used","status":"error"}""", "crm_credits_used")]
    [InlineData("""{"code":429,"error":"TOO_MANY_REQUESTS","error_info":"Many requests fired than the allowed limit for the past 24 hours.","details":[]}""", "crm_credits_used")]
    [InlineData("""{"code":429,"details":[]}""", "zoho_throttled")]
    [InlineData("""{"code":"RATE_LIMIT_EXCEEDED","message":"slow down"}""", "zoho_throttled")]
    public void The_words_of_a_limit_say_which_it_was(string body, string failureCode)
    {
        var failure = Refused(body, HttpStatusCode.TooManyRequests).Failure;

        Assert.Equal((failureCode, FailureKind.RateLimited, CrmCodeClass.Throttled), (failure.Code, failure.Kind, failure.CrmClass));
        Assert.NotNull(failure.RetryAfter);
    }

    [Theory]
    [InlineData("""{"resource_path_index":1}""", "the id given seems to be invalid", true)]
    [InlineData("""{"id":"7001000000000111"}""", "the id given seems to be invalid", true)]
    [InlineData("""{"api_name":"id","json_path":"$.data[0].id"}""", "the id given seems to be invalid", true)]
    [InlineData("{}", "the related id given seems to be invalid", true)]
    [InlineData("{}", "record not deleted", true)]
    [InlineData("""{"resource_path_index":2}""", "the relation name given seems to be invalid", false)]
    [InlineData("""{"resource_path_index":0}""", "invalid data", false)]
    [InlineData("""{"api_name":"Owner","id":"7001000000000111"}""", "the id given seems to be invalid", false)]
    [InlineData("""{"api_name":"Email","expected_data_type":"email"}""", "invalid data", false)]
    [InlineData("{}", "invalid data", false)]
    public void One_rule_says_that_a_record_is_gone(string details, string message, bool isGone)
    {
        var refusal = Refused($$$"""{"code":"INVALID_DATA","details":{{{details}}},"message":"{{{message}}}","status":"error"}""");

        Assert.Equal(isGone ? ("record_gone", CrmCodeClass.Gone) : ("invalid_value", CrmCodeClass.BadData), (refusal.Failure.Code, refusal.Class));
    }

    [Fact]
    public void The_words_alone_make_no_other_code_a_record_that_is_gone() => Assert.Equal(
        "mandatory_field_missing",
        Refused("""{"code":"MANDATORY_NOT_FOUND","details":{},"message":"the id given seems to be invalid","status":"error"}""").Failure.Code);

    [Fact]
    public void A_failure_names_the_field_and_never_a_value()
    {
        var failure = Refused("""
            {"code":"INVALID_DATA","details":{"api_name":"Note_Title","maximum_length":"120","value":"ada@example.com"},
             "message":"ada@example.com is too long","status":"error"}
            """).Failure;

        Assert.Equal("Note_Title", failure.Field);
        Assert.Contains("The field is Note_Title. It takes 120 characters at most.", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("ada", failure.ToString(), StringComparison.Ordinal);
        Assert.Null(Refused("""{"code":"INVALID_DATA","details":{"api_name":"<ada@example.com>"},"message":"","status":"error"}""").Field);
        Assert.Contains(
            "Crm_Implied_Api_Access",
            Refused("""{"code":"NO_PERMISSION","details":{"permissions":["Crm_Implied_Api_Access"]},"message":"","status":"error"}""").Failure.Message,
            StringComparison.Ordinal);
        Assert.Equal(
            "Note_Content",
            Refused("""
                {"code":"EXPECTED_FIELD_MISSING","details":{"expected_fields":[{"api_name":"Note_Content"},{"api_name":"Note_Title"}]},
                 "message":"","status":"error"}
                """).Field);
    }

    [Theory]
    [InlineData("""{"api_name":"Email","id":"7001000000000112"}""", "7001000000000112", null)]
    [InlineData("""{"api_name":"Email","duplicate_record":{"id":"7001000000000113","module":{"api_name":"Contacts"}},"id":"7001000000000112","more_records":true}""", "7001000000000113", "Contacts")]
    [InlineData("""{"api_name":"Email"}""", null, null)]
    public void A_duplicate_names_the_record_that_is_there(string details, string? id, string? module)
    {
        var refusal = Refused($$$"""{"code":"DUPLICATE_DATA","details":{{{details}}},"message":"duplicate data","status":"error"}""");

        Assert.Equal((CrmCodeClass.Duplicate, id, module), (refusal.Class, refusal.ExistingId, refusal.ExistingModule));
        Assert.Equal(module is not null, refusal.HasMoreExisting);
    }

    [Fact]
    public void Several_things_wrong_with_one_record_are_told_each()
    {
        var refusal = Refused("""
            {"code":"MULTIPLE_OR_MULTI_ERRORS","message":"several","status":"error","details":{"errors":[
              {"code":"DUPLICATE_DATA","details":{"api_name":"Email","id":"7001000000000112"},"message":"duplicate data","status":"error"},
              {"code":"MANDATORY_NOT_FOUND","details":{"api_name":"Last_Name"},"message":"required field not found","status":"error"}]}}
            """);

        Assert.Equal((CrmCodeClass.Duplicate, "7001000000000112"), (refusal.Class, refusal.ExistingId));
        Assert.Equal("Last_Name", Assert.Single(refusal.Further).Field);
    }

    [Theory]
    [InlineData(HttpStatusCode.OK, "", "zoho_bad_answer", "zoho_outcome_unknown")]
    [InlineData(HttpStatusCode.OK, "[]", "zoho_bad_answer", "zoho_outcome_unknown")]
    [InlineData(HttpStatusCode.OK, "{\"data\":[{\"co", "zoho_bad_answer", "zoho_outcome_unknown")]
    [InlineData(HttpStatusCode.BadRequest, "not json", "zoho_bad_answer", "zoho_outcome_unknown")]
    [InlineData(HttpStatusCode.OK, "<html>maintenance</html>", "zoho_unavailable", "zoho_outcome_unknown")]
    [InlineData(HttpStatusCode.BadGateway, "<html></html>", "zoho_unavailable", "zoho_outcome_unknown")]
    [InlineData(HttpStatusCode.InternalServerError, "{}", "zoho_unavailable", "zoho_outcome_unknown")]
    [InlineData(HttpStatusCode.InternalServerError, "{\"code\":\"INTERNAL_ERROR\"}", "zoho_busy", "zoho_outcome_unknown")]
    [InlineData(HttpStatusCode.Unauthorized, "", "zoho_token_refused", "zoho_token_refused")]
    [InlineData(HttpStatusCode.TooManyRequests, "", "zoho_throttled", "zoho_throttled")]
    [InlineData(HttpStatusCode.BadRequest, "{\"code\":\"INVALID_MODULE\"}", "module_not_available", "module_not_available")]
    public void What_cannot_be_read_may_have_been_done(HttpStatusCode status, string body, string ofRead, string ofInsert)
    {
        Assert.Equal(ofRead, FailureOf(Listing));
        Assert.Equal(ofInsert, FailureOf(Inserting));

        string FailureOf(CrmRequest asked) => CrmAnswer.Read(new ProviderAnswer(status, body), asked).Succeeded(out var answer, out var failure)
            ? answer.Refusal!.Failure.Code
            : failure.Code;
    }

    [Theory]
    [InlineData(HttpStatusCode.NoContent, "")]
    [InlineData(HttpStatusCode.NoContent, "\"\"")]
    [InlineData(HttpStatusCode.NotModified, "")]
    [InlineData(HttpStatusCode.OK, "{\"code\":\"NO_RECORDS_FOUND\",\"status\":\"error\"}")]
    public void Nothing_is_an_answer_where_something_is_read_and_none_where_it_is_written(HttpStatusCode status, string body)
    {
        Assert.Null(Value(CrmAnswer.Read(new ProviderAnswer(status, body), Listing)).Root);
        Assert.Equal("zoho_outcome_unknown", Refusal(CrmAnswer.Read(new ProviderAnswer(status, body), Inserting)).Code);
    }

    [Theory]
    [InlineData("""{"code":"INVALID_TOKEN","details":{},"message":"invalid oauth token","status":"error"}""", true)]
    [InlineData("""{"code":"AUTHENTICATION_FAILURE","details":{},"message":"Authentication failed","status":"error"}""", true)]
    [InlineData("""{"code":"INVALID_OAUTHTOKEN"}""", true)]
    [InlineData("""{"code":"OAUTH_SCOPE_MISMATCH","details":{},"message":"invalid oauth scope to access this URL","status":"error"}""", false)]
    [InlineData("""{"code":"SOMETHING","message":"invalid oauth scope to access this URL"}""", false)]
    [InlineData("""{"code":"NO_PERMISSION"}""", false)]
    [InlineData("""{"code":"SOMETHING_NEW"}""", null)]
    [InlineData("<html></html>", null)]
    public void A_body_says_of_the_token_whether_it_is_refused(string body, bool? refused) =>
        Assert.Equal(refused, CrmAnswer.RefusesToken(new ProviderAnswer(HttpStatusCode.Unauthorized, body)));

    [Theory]
    [InlineData(FailureKind.Precondition, "grant_revoked", CrmCodeClass.Configuration)]
    [InlineData(FailureKind.RateLimited, "quota_reached", CrmCodeClass.Throttled)]
    [InlineData(FailureKind.Unavailable, "service_unavailable", CrmCodeClass.Retry)]
    [InlineData(FailureKind.Forbidden, "role_missing", CrmCodeClass.Auth)]
    [InlineData(FailureKind.Invalid, "invalid_field", CrmCodeClass.BadRequest)]
    public void A_failure_from_elsewhere_has_a_class_too(FailureKind kind, string code, CrmCodeClass expected) =>
        Assert.Equal(expected, new Failure(kind, code, "Something happened.").CrmClass);

    [Fact]
    public void A_code_means_what_its_operation_makes_of_it()
    {
        Assert.Equal("pages_exhausted", CrmCodes.Find("LIMIT_REACHED", CrmMethods.Search, "").FailureCode);
        Assert.Equal("channel_limit", CrmCodes.Find("LIMIT_REACHED", CrmMethods.Watch, "").FailureCode);
        Assert.All(["DUPLICATE_DATA", "LIMIT_EXCEEDED", "INVALID_DATA", "INVALID_QUERY"], code =>
            Assert.Equal("query_refused", CrmCodes.Find(code, CrmMethods.Query, "").FailureCode));
    }

    private static string Error(string code) => $$"""{"code":"{{code}}","details":{},"message":"","status":"error"}""";

    private static CrmRefusal Refused(string body, HttpStatusCode status = HttpStatusCode.BadRequest) =>
        Value(CrmAnswer.Read(new ProviderAnswer(status, body), Listing)).Refusal!;
}
