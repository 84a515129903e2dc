using System.Net;
using System.Text.Json.Nodes;
using ZohoPlatform.Providers.Zoho.Crm;
using ZohoPlatform.ServiceDefaults.Failures;
using static ZohoPlatform.Providers.Tests.Outcomes;

namespace ZohoPlatform.Providers.Tests.Zoho.Crm;

public sealed class CrmConversionTests : IAsyncLifetime
{
    private const string Lead = "7001000000000111";
    private const string Contact = "7001000000000301";
    private const string Account = "7001000000000201";

    private ProviderHost _host = null!;

    public async Task InitializeAsync() => _host = await ProviderHost.CreateAsync();

    public Task DisposeAsync()
    {
        _host.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData("""{"data":[{"code":"SUCCESS","message":"","status":"success","details":{"Contacts":{"name":"A","id":"7001000000000301"},"Accounts":{"name":"B","id":"7001000000000201"},"Deals":null}}]}""")]
    [InlineData("""{"data":[{"Contacts":"7001000000000301","Accounts":"7001000000000201","Deals":null}]}""")]
    public async Task A_lead_becomes_a_contact(string body)
    {
        _host.Provider.Answers(body);

        var converted = Value(await ConvertAsync(new CrmConversion()));

        Assert.Equal(new CrmConvertedLead(Contact, Account, null), converted);
        var sent = Assert.Single(_host.Provider.Requests);
        Assert.Equal((HttpMethod.Post, $"/crm/v8/Leads/{Lead}/actions/convert"), (sent.Method, sent.Path));
        Assert.Equal("""{"data":[{"overwrite":false,"notify_lead_owner":false,"notify_new_entity_owner":false}]}""", sent.Body);
    }

    [Fact]
    public async Task What_it_becomes_can_be_said()
    {
        _host.Provider.Answers("""{"data":[{"code":"SUCCESS","status":"success","details":{"Contacts":{"id":"7001000000000301"}}}]}""");

        await ConvertAsync(new CrmConversion
        {
            ContactId = Contact,
            AccountId = Account,
            OwnerId = "7001000000000001",
            Deal = new JsonObject { ["Deal_Name"] = "Flat 12" },
            Overwrites = true,
        });

        Assert.Equal(
            """{"data":[{"overwrite":true,"notify_lead_owner":false,"notify_new_entity_owner":false,"Contacts":{"id":"7001000000000301"},"Accounts":{"id":"7001000000000201"},"assign_to":{"id":"7001000000000001"},"Deals":{"Deal_Name":"Flat 12"}}]}""",
            Assert.Single(_host.Provider.Requests).Body);
    }

    [Theory]
    [InlineData("""{"code":"SCHEDULED","details":{"job_id":"7001000000000701"},"message":"","status":"success"}""")]
    [InlineData("""{"data":[{"code":"SCHEDULED","details":{"job_id":"7001000000000701"},"message":"","status":"success"}]}""")]
    public async Task A_conversion_may_be_done_later(string body)
    {
        _host.Provider.Answers(body, HttpStatusCode.Accepted);

        Assert.Equal(new CrmConvertedLead(null, null, null) { JobId = "7001000000000701" }, Value(await ConvertAsync(new CrmConversion())));
    }

    [Theory]
    [InlineData("""{"code":"ID_ALREADY_CONVERTED","details":{"resource_path_index":1},"message":"id already converted","status":"error"}""", "lead_already_converted", CrmCodeClass.Converted)]
    [InlineData("""{"code":"RECORD_LOCKED","details":{},"message":"record under merge is locked","status":"error"}""", "record_locked", CrmCodeClass.Held)]
    [InlineData("""{"data":[{"code":"MAPPING_MISMATCH","details":{"mapped_field":"Pipeline","api_name":"Stage"},"message":"","status":"error"}]}""", "values_do_not_fit", CrmCodeClass.BadData)]
    public async Task A_lead_that_cannot_be_converted_says_why(string body, string code, CrmCodeClass expected)
    {
        _host.Provider.Answers(body, HttpStatusCode.BadRequest);

        var refusal = Refusal(await ConvertAsync(new CrmConversion()));

        Assert.Equal((code, expected), (refusal.Code, refusal.CrmClass));
    }

    [Fact]
    public async Task A_conversion_is_sent_once()
    {
        _host.Provider.NeverAnswers();

        Assert.Equal("zoho_outcome_unknown", Refusal(await ConvertAsync(new CrmConversion())).Code);
        Assert.Single(_host.Provider.Requests);
    }

    [Fact]
    public async Task Where_a_lead_went_is_found_and_told_from_one_that_was_not_converted()
    {
        _host.Provider
            .Answers("""{"data":[{"id":"7001000000000111","$converted_detail":{"account":"7001000000000201","contact":"7001000000000301"}}]}""")
            .Answers("""{"data":[{"id":"7001000000000111","$converted_detail":{}}]}""")
            .Answers("""{"data":[{"id":"7001000000000111","$converted_detail":[]}]}""")
            .Answers("""{"data":[{"id":"7001000000000111"}]}""")
            .Answers("", HttpStatusCode.NoContent);

        Assert.Equal(new CrmConvertedLead(Contact, Account, null), Value(await FindAsync()));
        Assert.Equal(CrmFailures.ConversionNotFound, Refusal(await FindAsync()));
        Assert.Equal(CrmFailures.ConversionNotFound, Refusal(await FindAsync()));
        Assert.Equal(CrmFailures.ConversionNotFound, Refusal(await FindAsync()));
        Assert.Equal((CrmCodeClass.Gone, CrmFailures.ConversionNotFound), (CrmFailures.ConversionNotFound.CrmClass, Refusal(await FindAsync())));

        var sent = _host.Provider.Requests[0];
        Assert.Equal((Lead, "true", "id,$converted_detail"), (sent.Query["ids"], sent.Query["converted"], sent.Query["fields"]));
    }

    private Task<Result<CrmConvertedLead>> ConvertAsync(CrmConversion conversion) =>
        _host.Crm.ConvertLeadAsync(_host.Call, Lead, conversion, default);

    private Task<Result<CrmConvertedLead>> FindAsync() => _host.Crm.FindConvertedAsync(_host.Call, Lead, default);
}
