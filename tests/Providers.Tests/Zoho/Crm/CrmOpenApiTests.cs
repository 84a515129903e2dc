using ZohoPlatform.Testing;

namespace ZohoPlatform.Providers.Tests.Zoho.Crm;

/// <summary>Each operation's request as it is sent, against what Zoho's OpenAPI files describe.</summary>
public sealed class CrmOpenApiTests : IAsyncLifetime
{
    private ProviderHost _host = null!;

    public async Task InitializeAsync() => _host = await ProviderHost.CreateAsync();

    public Task DisposeAsync()
    {
        _host.Dispose();
        return Task.CompletedTask;
    }

    [SkippableFact]
    public async Task Every_request_is_as_zohos_files_describe_it()
    {
        Skip.If(ZohoOpenApi.Folder is null, ZohoOpenApi.WhereItIs);
        var files = CrmOpenApi.Read(ZohoOpenApi.Folder!);
        _host.Provider.Answers("""{"data":[]}""");
        var (faults, undescribed) = (new List<string>(), new List<string>());
        foreach (var (method, operation) in CrmOperations.All)
        {
            var before = _host.Provider.Requests.Count;
            await operation(_host.Crm, _host.Call with { AccountId = $"{Guid.NewGuid()}" });

            var judged = files.Judge(Assert.Single(_host.Provider.Requests.Skip(before)));
            undescribed.AddRange(judged is null ? [method.Name] : []);
            faults.AddRange((judged ?? []).Select(fault => $"{method.Name}: {fault}"));
        }

        Assert.Empty(faults);
        // what these have is on Zoho's pages and in no file
        Assert.Equal(["add_tags", "convert", "create_notes", "remove_tags"], undescribed.Order(StringComparer.Ordinal));
    }

    [SkippableFact]
    public void A_request_that_is_not_as_described_is_found()
    {
        Skip.If(ZohoOpenApi.Folder is null, ZohoOpenApi.WhereItIs);
        var files = CrmOpenApi.Read(ZohoOpenApi.Folder!);

        Assert.Equal(
            ["the query parameter cursor is not described"], files.Judge(Sent(HttpMethod.Get, "Leads?fields=id&cursor=1", "")));
        Assert.Equal(["$.query is not described"], files.Judge(Sent(HttpMethod.Post, "coql", """{"query":"select id from Leads"}""")));
        Assert.Equal(["$.data is no array"], files.Judge(Sent(HttpMethod.Post, "Leads/upsert", """{"data":{}}""")));
        Assert.Equal(["the query parameter channel_ids is missing"], files.Judge(Sent(HttpMethod.Delete, "actions/watch", "")));
        Assert.Equal(["the query parameter type has no value Everybody"], files.Judge(Sent(HttpMethod.Get, "users?type=Everybody", "")));

        static PlayedProvider.Received Sent(HttpMethod method, string path, string body) => new(
            method, $"https://www.zohoapis.eu/crm/v8/{path}", null, null, body, new Dictionary<string, string>());
    }
}
