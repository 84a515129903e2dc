using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Npgsql;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Platform.Tests.Launches;

/// <summary>What a launch says, what it survives, and what it leaves behind.</summary>
public sealed partial class LaunchTests : IDisposable
{
    private readonly StateFolder _state = new();

    public void Dispose() => _state.Dispose();

    [Fact]
    public async Task A_launch_is_calm_says_where_everything_is_and_starts_again_what_ends()
    {
        await using var host = LaunchedHost.Start(_state.Path);
        var ready = await host.ReadyAsync();

        // nothing before the table: a good start is no reason to write, unless it takes a minute
        Assert.All(
            host.Output.Split('\n').TakeWhile(line => !line.StartsWith("resource ", StringComparison.Ordinal)),
            line => Assert.Matches("^[-0-9T:]+Z Still waiting for ", line));
        Assert.All(
            (string[])
            [
                "postgres", "redis", "tokens-db", "campaigns-db", "crm-db", "messaging-db", "webhooks-db", "gateway-db", "tokens", "campaigns", "crm", "messaging", "webhooks", "gateway", "simulator",
            ],
            name => Assert.Matches($"(?m)^{name} +healthy", host.Output));
        Assert.Contains("Connected to the simulator.", host.Output, StringComparison.Ordinal);
        using var http = new HttpClient();
        Assert.Contains("Zoho", await http.GetStringAsync(Address("gateway").Match(ready).Value + "/openapi/v1.json"), StringComparison.Ordinal);
        // the link signs in: it answers with the dashboard, not with its sign-in page
        var dashboard = DashboardLink().Match(ready);
        Assert.True(dashboard.Success, ready);
        var page = await http.GetAsync(dashboard.Value);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.DoesNotContain("/login", page.RequestMessage!.RequestUri!.AbsolutePath, StringComparison.Ordinal);

        // not disposed: all that runs on the state is the first one's
        var second = LaunchedHost.Start(_state.Path);
        Assert.Equal(1, await second.ExitAsync());
        Assert.Equal(
            $"The platform is running already on '{_state.Path}'. Stop it, or start this one with --AppHost:StateDirectory=FOLDER.", second.Output);

        foreach (var part in (string[])["CampaignsService/bin", "postgres -D", "redis-server 127.0.0.1"])
        {
            var killed = Assert.Single(host.ChildrenWith(part));
            Signals.Send("KILL", killed);
            await Eventually.GetAsync(
                () => Task.FromResult(host.ChildrenWith(part)), running => running is [var pid] && pid != killed);
        }

        await HealthyAsync(http, Address("gateway").Match(ready).Value);
        Assert.Matches("(?m)^[-0-9T:]+Z campaigns was ended by a signal; it is started again in 1 s$", host.Output);

        host.Send("TERM");
        Assert.Equal(0, await host.ExitAsync());
        // who starts it again at once finds its ports and data free
        Assert.Empty(host.Working());
        await host.GoneAsync();
        Assert.Contains("shut down", await ClusterStateAsync(), StringComparison.Ordinal);
        // whatever comes after the table is a line with its time
        Assert.All(
            host.Output.Split('\n').SkipWhile(line => !line.StartsWith("Ready", StringComparison.Ordinal)).Skip(1),
            line => Assert.Matches(@"^[-0-9T:]+Z \S", line));
        // an event of a service is one too, without numbers of events and lines that only go on
        var said = await File.ReadAllTextAsync(Path.Combine(_state.Path, "logs", "gateway.log"));
        Assert.All(said.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Matches(@"^[-0-9T:.]+Z \S", line));
        Assert.Matches("(?m)^[-0-9T:.]+Z info ZohoPlatform.Gateway[A-Za-z.]+: ", said);
        Assert.DoesNotMatch(@"[A-Za-z]\[[0-9]+\]", said);
        Assert.False(File.Exists(Path.Combine(_state.Path, "dashboard")));
    }

    [Fact]
    public async Task A_launch_that_is_killed_leaves_nothing_running_and_the_next_one_opens_its_data_and_pushes_what_was_accepted()
    {
        string secrets;
        string status;
        await using (var killed = LaunchedHost.Start(_state.Path))
        {
            var (gateway, simulator) = await ClientsAsync(killed);
            using (gateway)
            using (simulator)
            {
                Assert.NotEmpty(killed.Children());
                secrets = await File.ReadAllTextAsync(Path.Combine(_state.Path, "parameters.json"));
                // the demo's grant is tried once all is ready
                await Eventually.GetAsync(
                    () => gateway.GetFromJsonAsync<JsonElement>("/api/v1/connections"), page => page.GetProperty("connections").GetArrayLength() > 0);
                (await simulator.PutAsJsonAsync("/_simulator/down", new { mode = "unavailable" })).EnsureSuccessStatusCode();
                using var accepted = await gateway.PostAsJsonAsync("/api/v1/campaigns/contacts", new { email = "ada@example.com" });
                Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
                status = (await accepted.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("status_url").GetString()!;
                var waiting = await OutcomeAsync(gateway, "retrying");
                Assert.True(waiting.TryGetProperty("next_attempt_at", out _));
            }

            killed.Send("KILL");

            await killed.ExitAsync();
            await killed.GoneAsync();
        }

        await using var next = LaunchedHost.StartIn([new("DEBUG", "true")], _state.Path, "--Replicas:tokens=2");
        var (door, played) = await ClientsAsync(next);
        Assert.Equal(secrets, await File.ReadAllTextAsync(Path.Combine(_state.Path, "parameters.json")));
        // secrets, and the personal data of logs and of the simulator's world
        Assert.All(
            Directory.GetFiles(_state.Path).Concat(Directory.GetFiles(Path.Combine(_state.Path, "logs"))),
            file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
        Assert.Contains($"Debug logs are on (DEBUG=true): {Path.Combine(_state.Path, "logs")}", next.Output, StringComparison.Ordinal);
        using (door)
        using (played)
        {
            (await played.PutAsJsonAsync("/_simulator/down", new { mode = "up" })).EnsureSuccessStatusCode();
            await OutcomeAsync(door, "subscribed");
            await AssertReplicasAsync(next, door);
        }

        // what does the orchestrator's work; all that it started ends with it
        Signals.Send("KILL", Assert.Single(next.ChildrenWith("dcp run-controllers")));

        Assert.Equal(1, await next.ExitAsync());
        Assert.Matches(@"Aspire's orchestrator \(dcp, process [0-9]+\) has ended", next.Output);
        await next.GoneAsync();

        Task<JsonElement> OutcomeAsync(HttpClient gateway, string wanted) => Eventually.GetAsync(
            () => gateway.GetFromJsonAsync<JsonElement>(status), contact => contact.GetProperty("status").GetString() == wanted);
    }

    // every replica of a service is called, and one that is killed costs no call
    private async Task AssertReplicasAsync(LaunchedHost host, HttpClient gateway)
    {
        const int Calls = 60;

        await CallAsync(Calls);

        var served = await Eventually.GetAsync(
            async () => (First: await ServedAsync("tokens.log"), Second: await ServedAsync("tokens-2.log")),
            counts => counts.First + counts.Second >= Calls);
        Assert.True(Math.Min(served.First, served.Second) >= 0.3 * Calls, served.ToString());

        await AssertTraceAsync();

        var going = CallAsync(Calls);
        Signals.Send("KILL", host.ChildrenWith("TokenService/bin")[0]);
        await going;
        await CallAsync(Calls);

        // reads, each of which the gateway asks the token service for
        async Task CallAsync(int times)
        {
            for (var i = 0; i < times; i++)
            {
                using var answer = await gateway.GetAsync("/api/v1/connections");
                Assert.True(answer.IsSuccessStatusCode, $"call {i}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
            }
        }

        // whoever has the answer's trace id has the lines of all services that it went through
        async Task AssertTraceAsync()
        {
            using var refused = await gateway.GetAsync($"/api/v1/connections/{Guid.NewGuid()}");
            Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
            var trace = JsonElement.Parse(await refused.Content.ReadAsStringAsync()).GetProperty("trace_id").GetString()!;
            using var zoho = new ZohoCommand();
            zoho.StandInCheckoutOf(_state.Path);
            var found = await Eventually.GetAsync(
                () => zoho.RunAsync(["trace", trace]), ran => ran.Exit == 0 && ran.Out.Contains("gateway ", StringComparison.Ordinal));
            Assert.Matches(
                $@"(?m)^gateway  +[-0-9T:.]+Z info .*: GET /api/v1/connections/{{id}} 404 in [0-9]+ ms, tenant [-0-9a-f]+, caller key:bootstrap trace={trace}$",
                found.Out);
            Assert.Matches(
                $@"(?m)^tokens(-2)? +[-0-9T:.]+Z dbug .*: gRPC /zohoplatform\.tokens\.v1\.Connections/GetConnection NotFound in .* trace={trace}$", found.Out);
            // and what the two did is on the dashboard
            using var http = new HttpClient();
            var page = await http.GetAsync(TraceLink().Match(found.Out).Value);
            Assert.Equal((HttpStatusCode.OK, $"/traces/detail/{trace}"), (page.StatusCode, page.RequestMessage!.RequestUri!.AbsolutePath));
        }

        async Task<int> ServedAsync(string log)
        {
            await using var file = new FileStream(
                Path.Combine(_state.Path, "logs", log), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(file);
            return Regex.Count(
                await reader.ReadToEndAsync(), @"dbug .*: gRPC /zohoplatform\.tokens\.v1\.Connections/", RegexOptions.None, TimeSpan.FromSeconds(5));
        }
    }

    // once it is ready, with the demo tenant's key
    private async Task<(HttpClient Gateway, HttpClient Simulator)> ClientsAsync(LaunchedHost host)
    {
        var ready = await host.ReadyAsync();
        var gateway = new HttpClient { BaseAddress = new Uri(Address("gateway").Match(ready).Value) };
        var key = (await File.ReadAllLinesAsync(Path.Combine(_state.Path, "demo.env")))[0].Split('=', 2)[1];
        gateway.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return (gateway, new HttpClient { BaseAddress = new Uri(SimulatorLine().Match(host.Output).Groups["address"].Value) });
    }

    [Fact]
    public async Task Servers_that_run_elsewhere_are_used_and_a_client_of_zoho_without_a_connection_is_told_how_to_connect()
    {
        await using var servers = await TestServers.StartAsync();
        foreach (var database in (string[])["tokens", "campaigns", "crm", "messaging", "webhooks", "gateway"])
        {
            await servers.CreateDatabaseAsync(database);
        }

        var file = Path.Combine(_state.Path, ".env");
        await File.WriteAllTextAsync(
            file,
            "ZOHO_CLIENT_ID=1000.fake\nZOHO_CLIENT_SECRET=fake-secret\nZOHO_REGION=com\nBACKEND_URL=https://zoho.example.com\nFRONTEND_URL=https://app.example.com\n");
        await using var host = LaunchedHost.StartIn(
            [new("ConnectionStrings__postgres", servers.Postgres), new("ConnectionStrings__redis", servers.Redis)],
            _state.Path,
            $"--AppHost:EnvFile={file}");
        var ready = await host.ReadyAsync();

        Assert.Empty(host.ChildrenWith("postgres -D"));
        Assert.Empty(host.ChildrenWith("redis-server"));
        await using var data = NpgsqlDataSource.Create($"{servers.Postgres};Database=gateway");
        await using var tenants = data.CreateCommand("SELECT count(*) FROM tenants");
        Assert.Equal(1L, await tenants.ExecuteScalarAsync());

        Assert.Contains(
            "\nNot connected to real Zoho (us) yet: it has a client and nobody's consent. Connect in a browser: ./zoho connect zoho --features campaigns\n",
            host.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("simulator", host.Output, StringComparison.Ordinal);
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(Address("gateway").Match(ready).Value) };
        using var page = new HttpRequestMessage(HttpMethod.Get, "/alive");
        page.Headers.Add("Origin", "https://app.example.com");
        using var allowed = await http.SendAsync(page);
        Assert.Equal("https://app.example.com", Assert.Single(allowed.Headers.GetValues("Access-Control-Allow-Origin")));
        // only a gateway that browsers reach by https says so
        Assert.NotEmpty(allowed.Headers.GetValues("Strict-Transport-Security"));
    }

    [Fact]
    public async Task A_service_that_cannot_start_ends_the_launch_with_its_name_how_it_ended_and_last_lines()
    {
        await using var host = LaunchedHost.Start(_state.Path, "--Parameters:token-master-key=too-short");

        Assert.Equal(1, await host.ExitAsync());
        Assert.Matches("'tokens' (was ended by a signal|ended with exit code [1-9][0-9]*), 3 times before it was healthy. Its last lines:", host.Output);
        Assert.Contains("Secrets:MasterKey", host.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", host.Output, StringComparison.Ordinal);
        await host.GoneAsync();
    }

    [Fact]
    public async Task A_server_that_is_not_installed_is_named_with_the_command_that_installs_it()
    {
        var binaries = Directory.CreateDirectory(Path.Combine(_state.Path, "bin")).FullName;
        foreach (var name in (string[])["sh", "env", "setpriv", "install", "test", "mktemp", "cat", "rm", "kill", "dotnet"])
        {
            File.CreateSymbolicLink(
                Path.Combine(binaries, name),
                Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(folder => Path.Combine(folder, name)).First(File.Exists));
        }

        await using var host = LaunchedHost.StartIn([new("PATH", binaries)], _state.Path);

        Assert.Equal(1, await host.ExitAsync());
        Assert.Contains(
            "Redis is not installed (no redis-server in PATH). Run: sudo apt-get install redis-server", host.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", host.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_taken_port_ends_the_launch_with_a_sentence()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);

        await using var host = LaunchedHost.Start(_state.Path, $"--Gateway:Port={port}");

        Assert.Equal(1, await host.ExitAsync());
        Assert.Equal(
            $"Port {port}, which the gateway needs, is taken (ss -ltnp 'sport = :{port}' shows by what). Stop that, or start with --Gateway:Port=8085.",
            host.Output);
    }

    [Theory]
    [InlineData("--Gateway:Port=70000", "Gateway:Port is '70000'. Set a whole number from 0 to 65535.")]
    [InlineData("--Replicas:tokens=x", "Replicas:tokens is 'x'. Set a whole number from 1 to 9.")]
    [InlineData("--Servers=docker", "Servers is 'docker'. Set --Servers=local or --Servers=containers.")]
    [InlineData("--ASPNETCORE_URLS=127.0.0.1:8090", "ASPNETCORE_URLS is '127.0.0.1:8090'. Set an address such as http://127.0.0.1:8100.")]
    [InlineData("--AppHost:EnvFile=/nowhere/.env", "AppHost:EnvFile is '/nowhere/.env', and there is no such file.")]
    [InlineData("--Gatway:Port=8081", "--Gatway:Port is no setting of a launch.")]
    [InlineData("--Retention:DaysToKeep=30", "--Retention:DaysToKeep is no setting of a launch.")]
    public async Task A_setting_that_cannot_be_is_told_before_anything_starts(string argument, string said)
    {
        await using var host = LaunchedHost.Start(_state.Path, argument);

        Assert.Equal(1, await host.ExitAsync());
        Assert.StartsWith(said, host.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", host.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_is_what_was_asked_for()
    {
        await using var host = LaunchedHost.Start(_state.Path, "--help");

        Assert.Equal(0, await host.ExitAsync());
        Assert.StartsWith("Settings of a launch, each as --NAME=VALUE", host.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_state.Path));
    }

    [Fact]
    public async Task A_launch_that_is_ended_before_it_is_ready_leaves_nothing_running()
    {
        await using var host = LaunchedHost.Start(_state.Path);
        await Eventually.GetAsync(() => Task.FromResult(host.ChildrenWith("redis-server 127.0.0.1")), running => running.Count > 0);

        host.Send("TERM");

        Assert.Equal(0, await host.ExitAsync());
        Assert.Empty(host.Working());
    }

    [Fact]
    public async Task The_manifest_of_a_deployment_names_projects_containers_and_secrets_that_are_asked_for_there()
    {
        var file = Path.Combine(_state.Path, "manifest.json");
        await using var host = LaunchedHost.Start(
            _state.Path, "--publisher", "manifest", "--output-path", file, "--ZOHO_CLIENT_ID=1000.fake-client", "--ZOHO_CLIENT_SECRET=fake-secret");
        Assert.True(await host.ExitAsync() == 0, host.Output);

        var resources = JsonElement.Parse(await File.ReadAllTextAsync(file)).GetProperty("resources");
        Assert.Equal("container.v0", resources.GetProperty("postgres").GetProperty("type").GetString());
        Assert.Equal("container.v0", resources.GetProperty("redis").GetProperty("type").GetString());
        foreach (var (service, project) in (ReadOnlySpan<(string, string)>)
            [
                ("tokens", "TokenService"), ("campaigns", "CampaignsService"), ("crm", "CrmService"), ("messaging", "MessagingService"), ("webhooks", "WebhookService"), ("gateway", "Gateway"),
            ])
        {
            var resource = resources.GetProperty(service);
            Assert.Equal("project.v0", resource.GetProperty("type").GetString());
            Assert.EndsWith($"/{project}.csproj", resource.GetProperty("path").GetString(), StringComparison.Ordinal);
        }

        foreach (var service in (string[])["tokens", "campaigns", "crm", "messaging", "webhooks"])
        {
            var grpc = resources.GetProperty(service).GetProperty("bindings").GetProperty("grpc");
            Assert.Equal("http2", grpc.GetProperty("transport").GetString());
        }

        Assert.Equal("{tokens.bindings.grpc.url}", Environment("gateway", "services__tokens__grpc__0"));
        foreach (var service in TestTickets.Services)
        {
            // the step alone logs in as somebody who may create roles
            Assert.Equal($"{{{service}-db.connectionString}}", Environment($"{service}-migration", $"ConnectionStrings__{service}"));
            Assert.Equal(["--migrate"], resources.GetProperty($"{service}-migration").GetProperty("args").EnumerateArray().Select(word => word.GetString()));
            Assert.Equal(
                "Host={postgres.bindings.tcp.host};Port={postgres.bindings.tcp.port};"
                    + $"Username={service}_service;Password={{{service}-db-password.value}};Database={service}",
                Environment(service, $"ConnectionStrings__{service}"));
        }

        var redis = resources.GetProperty("redis");
        foreach (var service in (string[])["tokens", "campaigns", "crm", "messaging", "gateway"])
        {
            Assert.Equal(
                $"{{redis.bindings.tcp.host}}:{{redis.bindings.tcp.port}},user={service},password={{{service}-redis-password.value}}",
                Environment(service, "ConnectionStrings__redis"));
            Assert.Equal($"{{{service}-redis-password.value}}", Environment("redis", $"REDIS_{service.ToUpperInvariant()}_PASSWORD"));
            Assert.Contains(
                $"--user {service} on \">$REDIS_{service.ToUpperInvariant()}_PASSWORD\" '~health' ",
                redis.GetProperty("args").EnumerateArray().Last().GetString(), StringComparison.Ordinal);
        }

        string? Environment(string service, string name) => resources.GetProperty(service).GetProperty("env").GetProperty(name).GetString();
        // secrets are asked for where it is deployed; the demo tenant stays here
        foreach (var (service, name, parameter, padding) in (ReadOnlySpan<(string, string, string, string)>)
            [
                ("tokens", "Secrets__MasterKey", "token-master-key", "="), ("campaigns", "Secrets__MasterKey", "campaigns-master-key", "="),
                ("campaigns", "Tickets__SigningKey", "campaigns-signing-key", ""), ("gateway", "Tickets__SigningKey", "gateway-signing-key", ""),
                ("tokens", "Tickets__SigningKey", "tokens-signing-key", ""), ("webhooks", "Secrets__MasterKey", "webhooks-master-key", "="),
                ("webhooks", "Tickets__Issuers__tokens__Keys", "tokens-public-key", ""),
                ("webhooks", "Tickets__Issuers__campaigns__Keys", "campaigns-public-key", ""),
                ("webhooks", "Tickets__Issuers__crm__Keys", "crm-public-key", ""), ("tokens", "Tickets__Issuers__crm__Keys", "crm-public-key", ""),
                ("crm", "Tickets__SigningKey", "crm-signing-key", ""), ("crm", "Tickets__Issuers__gateway__Keys", "gateway-public-key", ""),
                ("webhooks", "Tickets__Issuers__gateway__Keys", "gateway-public-key", ""),
                ("tokens", "Tickets__Issuers__gateway__Keys", "gateway-public-key", ""),
                ("tokens", "Tickets__Issuers__campaigns__Keys", "campaigns-public-key", ""),
                ("campaigns", "Tickets__Issuers__gateway__Keys", "gateway-public-key", ""),
                ("gateway", "Secrets__MasterKey", "gateway-master-key", "="), ("gateway", "Bootstrap__AdminKey", "bootstrap-admin-key", ""),
                ("tokens-migration", "Storage__ServicePassword", "tokens-db-password", ""),
                ("campaigns-migration", "Storage__ServicePassword", "campaigns-db-password", ""),
                ("crm-migration", "Storage__ServicePassword", "crm-db-password", ""),
                ("messaging", "Secrets__MasterKey", "messaging-master-key", "="), ("messaging", "Tickets__SigningKey", "messaging-signing-key", ""),
                ("crm", "Tickets__Issuers__messaging__Keys", "messaging-public-key", ""),
                ("messaging-migration", "Storage__ServicePassword", "messaging-db-password", ""),
                ("webhooks-migration", "Storage__ServicePassword", "webhooks-db-password", ""),
                ("gateway-migration", "Storage__ServicePassword", "gateway-db-password", ""),
            ])
        {
            Assert.Equal($"{{{parameter}.value}}{padding}", Environment(service, name));
        }

        // what a service may call on its own account is what its tests let it, and nothing else
        var allowed = TestTickets.Services
            .SelectMany(service => TestTickets.SettingsOf(service).Select(setting => (Service: service, Name: setting.Key, Calls: setting.Value)))
            .Where(setting => setting.Name.EndsWith(":Calls", StringComparison.Ordinal))
            .Select(setting => $"{setting.Service} {setting.Name.Replace(":", "__", StringComparison.Ordinal)} {setting.Calls}");
        var given = resources.EnumerateObject()
            .Where(resource => resource.Value.TryGetProperty("env", out _))
            .SelectMany(resource => resource.Value.GetProperty("env").EnumerateObject().Select(setting => (Service: resource.Name, Setting: setting)))
            .Where(given => given.Setting.Name.StartsWith("Tickets__Issuers__", StringComparison.Ordinal)
                && given.Setting.Name.EndsWith("__Calls", StringComparison.Ordinal))
            .Select(given => $"{given.Service} {given.Setting.Name} {given.Setting.Value.GetString()}");
        Assert.Equal(allowed.Order(StringComparer.Ordinal), given.Order(StringComparer.Ordinal));

        var settings = resources.EnumerateObject()
            .Where(resource => resource.Value.TryGetProperty("env", out _))
            .SelectMany(resource => resource.Value.GetProperty("env").EnumerateObject())
            .Where(setting => Regex.IsMatch(setting.Name, "key|password|secret", RegexOptions.IgnoreCase, TimeSpan.FromSeconds(1)));
        Assert.All(settings, setting => Assert.Matches(@"^\{[a-z-]+\.value\}=?$", setting.Value.GetString()));
        var parameters = resources.EnumerateObject().Where(resource => resource.Value.GetProperty("type").GetString() == "parameter.v0").ToList();
        Assert.All(parameters, parameter =>
        {
            Assert.Equal($"{{{parameter.Name}.inputs.value}}", parameter.Value.GetProperty("value").GetString());
            var input = parameter.Value.GetProperty("inputs").GetProperty("value");
            Assert.NotEqual(parameter.Name.EndsWith("-public-key", StringComparison.Ordinal), input.TryGetProperty("secret", out _));
            if (Regex.IsMatch(parameter.Name, "-(signing|public)-key$", RegexOptions.None, TimeSpan.FromSeconds(1)))
            {
                // no manifest can say how a pair is made
                Assert.False(input.TryGetProperty("default", out _));
                return;
            }

            // how one is made, if need be, and none that was
            Assert.True(input.GetProperty("default").TryGetProperty("generate", out _));
            Assert.False(input.GetProperty("default").TryGetProperty("value", out _));
        });
        Assert.False(File.Exists(Path.Combine(_state.Path, "parameters.json")));
        Assert.False(resources.TryGetProperty("simulator", out _));
        var text = await File.ReadAllTextAsync(file);
        Assert.DoesNotContain("fake-secret", text, StringComparison.Ordinal);
        Assert.DoesNotContain(_state.Path, text, StringComparison.Ordinal);
    }

    // what PostgreSQL itself wrote down about its last end: "shut down", or "in production" where it was cut off
    private async Task<string> ClusterStateAsync()
    {
        var data = Path.Combine(_state.Path, "postgres");
        var version = (await File.ReadAllTextAsync(Path.Combine(data, "PG_VERSION"))).Trim();
        var said = (await ServiceProcess.RunAsync($"/usr/lib/postgresql/{version}/bin/pg_controldata", [data])).Out;
        return said.Split('\n').Single(line => line.StartsWith("Database cluster state:", StringComparison.Ordinal));
    }

    private static Task<bool> HealthyAsync(HttpClient http, string gateway) => Eventually.GetAsync(
        async () =>
        {
            try
            {
                return (await http.GetAsync($"{gateway}/health")).IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        },
        healthy => healthy);

    private static Regex Address(string resource) => new($"(?<={resource} )http://127.0.0.1:[0-9]+", RegexOptions.None, TimeSpan.FromSeconds(1));

    [GeneratedRegex(@"(?m)^simulator +healthy +(?<address>http://127.0.0.1:[0-9]+)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SimulatorLine();

    [GeneratedRegex(@"http://127.0.0.1:[0-9]+/login\?t=\S+&returnUrl=\S+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TraceLink();

    [GeneratedRegex(@"(?<=dashboard )http://127.0.0.1:[0-9]+/login\?t=\S+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex DashboardLink();
}
