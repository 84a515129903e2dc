using ZohoPlatform.Providers.Zoho.Crm;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Providers.Tests.Zoho.Crm;

public sealed class CrmMethodsTests : IAsyncLifetime
{
    private ProviderHost _host = null!;

    public async Task InitializeAsync() => _host = await ProviderHost.CreateAsync();

    public Task DisposeAsync()
    {
        _host.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public void What_makes_something_new_is_not_repeated_and_all_else_is()
    {
        Assert.Distinct(CrmMethods.All.Select(method => method.Name));
        Assert.Equal(
            [CrmMethods.Insert, CrmMethods.Convert, CrmMethods.CreateNotes, CrmMethods.CreateNotesOfMany, CrmMethods.CreateCalls, CrmMethods.CreateBulkRead],
            CrmMethods.All.Where(method => !method.Repeatable));
    }

    [Fact]
    public void The_features_scopes_are_those_of_its_operations_and_no_more() => Assert.Equal(
        new HashSet<string>
        {
            "ZohoCRM.modules.leads.ALL", "ZohoCRM.modules.contacts.ALL", "ZohoCRM.modules.custom.ALL", "ZohoCRM.modules.notes.ALL",
            "ZohoCRM.modules.calls.CREATE", "ZohoCRM.settings.modules.READ", "ZohoCRM.settings.fields.READ", "ZohoCRM.settings.layouts.READ",
            "ZohoCRM.settings.tags.ALL", "ZohoCRM.users.READ", "ZohoCRM.org.READ", "ZohoSearch.securesearch.READ", "ZohoCRM.coql.READ",
            "ZohoCRM.bulk.READ", "ZohoCRM.notifications.ALL",
        },
        CrmMethods.Scopes.ToHashSet());

    [Theory]
    [InlineData("Leads", "leads")]
    [InlineData("Sales_Orders", "salesorders")]
    [InlineData("Messages", "custom")]
    [InlineData("CustomModule7", "custom")]
    public void A_module_has_its_name_in_scopes_or_is_one_of_the_organisations_own(string module, string name) => Assert.Equal(
        [$"ZohoCRM.modules.{name}.READ"], CrmMethods.GetRecord.ScopesFor(module));

    [Fact]
    public void Credits_and_heavy_calls_are_as_zoho_counts_them()
    {
        Assert.Equal((1, 1, 2, 10), (Of(CrmMethods.Insert, 1), Of(CrmMethods.Upsert, 10), Of(CrmMethods.UpdateRecords, 11), Of(CrmMethods.Insert, 100)));
        Assert.Equal((1, 2, 3), (Of(CrmMethods.Query, 200), Of(CrmMethods.Query, 201), Of(CrmMethods.Query, 1001)));
        Assert.Equal((5, 50, 1), (Of(CrmMethods.Convert, 1), Of(CrmMethods.CreateBulkRead, 1), Of(CrmMethods.AddTags, 500)));
        Assert.False(new CrmRequest(CrmMethods.Insert) { Size = 10 }.IsSubLimited);
        Assert.True(new CrmRequest(CrmMethods.Insert) { Size = 11 }.IsSubLimited);
        Assert.True(new CrmRequest(CrmMethods.Query).IsSubLimited);
        Assert.False(new CrmRequest(CrmMethods.ListRecords).IsSubLimited);
        Assert.True(new CrmRequest(CrmMethods.ListRecords) { Query = [("sort_by", "id")] }.IsSubLimited);

        static int Of(CrmMethod method, int size) => method.Credits(size);
    }

    [Theory]
    [InlineData("enterprise", 10, CrmEdition.Enterprise, 20, 60_000)]
    [InlineData("zohoone", 5000, CrmEdition.Enterprise, 20, 2_000_000)]
    [InlineData("standard", 400, CrmEdition.Standard, 10, 100_000)]
    [InlineData("professional", 1, CrmEdition.Professional, 15, 50_500)]
    [InlineData("ultimate", 1000, CrmEdition.Ultimate, 25, 2_050_000)]
    [InlineData("crmplus", 10, CrmEdition.Free, 5, 5_000)]
    public void A_plan_says_how_many_calls_there_are(string paidType, int users, CrmEdition edition, int concurrency, int credits)
    {
        var plan = CrmPlan.Of(paid: true, paidType, users);

        Assert.Equal((edition, concurrency, credits), (plan.Edition, plan.Concurrency, plan.Credits.Limits[0].Calls));
        Assert.Equal(plan, CrmPlan.Parse(plan.ToString()));
        Assert.Equal(CrmEdition.Free, CrmPlan.Of(paid: false, paidType, users).Edition);
    }

    [Fact]
    public async Task An_operation_without_one_of_its_scopes_is_refused_by_that_name_and_nobody_is_asked()
    {
        Assert.Equal(CrmMethods.All.ToHashSet(), CrmOperations.All.Keys.ToHashSet());
        foreach (var (method, operation) in CrmOperations.All)
        {
            foreach (var scope in method.ScopesFor("Leads"))
            {
                var others = CrmMethods.All.SelectMany(one => one.ScopesFor("Leads")).Where(one => one != scope).ToHashSet();
                var refusal = await operation(_host.Crm, _host.Call with { GrantedScopes = [.. others] });

                Assert.Equal((CrmFailures.ScopesMissingCode, CrmCodeClass.Configuration), (refusal!.Code, refusal.CrmClass));
                Assert.Contains($" {scope}: ", refusal.Message, StringComparison.Ordinal);
                Assert.Contains("the feature crm", refusal.Message, StringComparison.Ordinal);
            }
        }

        Assert.Empty(_host.Provider.Requests);
    }

    [Fact]
    public async Task With_the_features_scopes_every_operation_reaches_zoho()
    {
        _host.Provider.Answers("""{"data":[]}""");
        foreach (var operation in CrmOperations.All.Values)
        {
            // an organisation of its own: together they would cost more than a minute's downloads
            var call = _host.Call with { Tenant = new TenantId(Guid.NewGuid()), GrantedScopes = CrmMethods.Scopes };
            var before = _host.Provider.Requests.Count;
            await operation(_host.Crm, call);

            Assert.Equal(before + 1, _host.Provider.Requests.Count);
        }
    }

    [Fact]
    public async Task Where_no_address_is_known_nobody_is_asked()
    {
        var refusal = await CrmOperations.All[CrmMethods.Organization](_host.Crm, _host.Call with { DataCentre = "mars" });

        Assert.Equal("crm_not_offered", refusal!.Code);
        Assert.Empty(_host.Provider.Requests);
    }
}
