using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace ZohoPlatform.AppHost.Launch;

/// <summary>
/// The button <em>Play WhatsApp conversations</em>: people write to the demo tenant, and are answered. The simulator plays Meta and tells the gateway's webhook
/// of it, with conversations in Zoho CRM switched on; the answers are recorded at the gateway with the demo tenant's key, as an app of a company does that sends them.
/// </summary>
internal static class DemoConversations
{
    public const string CommandName = "play-conversations";

    private const string ChannelName = "Demo";
    private const string Channels = "/api/v1/messaging/channels";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    // as simulators' names are, and numbers that are kept for fiction: one that is a lead at the simulator, one that is a contact, one that is new
    private static readonly Person[] People =
    [
        new("Nora Sample", "+12025550111",
        [
            new(IsInbound: true, "Hello! Do you deliver on Saturdays?"),
            new(IsInbound: false, "Good morning Nora. Yes, until noon."),
            new(IsInbound: true, "Then two boxes for Saturday, please."),
        ]),
        new("Theo Example", "+12025550131",
        [
            new(IsInbound: true, "My invoice shows the old address."),
            new(IsInbound: false, "Thank you Theo, we mend it and send you another one."),
        ]),
        new("Mila Newcomer", "+12025550151",
        [
            new(IsInbound: true, "Hi, a friend gave me your number. What does a box cost?"),
            new(IsInbound: false, "Welcome! 24 a box, and the first one is half of that."),
            new(IsInbound: true, "Sounds good 👍"),
        ]),
    ];

    public static IResourceBuilder<ProjectResource> WithConversations(
        this IResourceBuilder<ProjectResource> simulator, IResourceBuilder<ProjectResource> gateway, LaunchState state) => simulator.WithCommand(
            CommandName,
            "Play WhatsApp conversations",
            async context =>
            {
                try
                {
                    using var door = new HttpClient { BaseAddress = new Uri(gateway.GetEndpoint("http").Url), Timeout = Limit };
                    using var meta = new HttpClient { BaseAddress = new Uri(simulator.GetEndpoint("http").Url), Timeout = Limit };
                    door.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
                        "Bearer", await state.ReadDemoKeyAsync(context.CancellationToken));
                    var play = new Play(door, meta, state.Keep("demo-app-secret", NewSecret).GetDefaultValue(), context.CancellationToken);
                    await play.RunAsync();
                    return CommandResults.Success($"{People.Length} people have written: GET /api/v1/conversations shows them.");
                }
                catch (Exception e) when (!context.CancellationToken.IsCancellationRequested
                    && e is HttpRequestException or IOException or JsonException or OperationCanceledException or LaunchException)
                {
                    return CommandResults.Failure(e.Message);
                }
            },
            new CommandOptions
            {
                Description = "Three people write to the demo tenant by WhatsApp and are answered: a lead, a contact and somebody new. Each time they write again.",
                IconName = "Chat",
            });

    private static string NewSecret() => new GenerateParameterDefault { MinLength = 32, Special = false }.GetDefaultValue();

    private sealed class Play(HttpClient gateway, HttpClient meta, string appSecret, CancellationToken cancellationToken)
    {
        public async Task RunAsync()
        {
            // the demo begins with it off, and what came before it was on is not synced
            await SendAsync(gateway, HttpMethod.Post, "/api/settings/integrations/zoho", new { crm_enabled = true });
            var address = new Uri(gateway.BaseAddress!, $"/webhooks/whatsapp/{await ChannelAsync()}").AbsoluteUri;
            foreach (var person in People)
            {
                foreach (var (line, isFirst) in person.Lines.Select((line, index) => (line, index == 0)))
                {
                    if (line.IsInbound)
                    {
                        // Meta delivers some twice
                        await MetaAsync("messages", new
                        {
                            address,
                            app_secret = appSecret,
                            phone = person.Phone,
                            name = person.Name,
                            text = line.Text,
                            times = isFirst ? 2 : 1,
                        });
                    }
                    else
                    {
                        await AnswerAsync(address, person, line.Text);
                    }
                }
            }
        }

        // an app's: it has sent the message, records it under its wamid, and Meta tells how far it came
        private async Task AnswerAsync(string address, Person person, string text)
        {
            var id = $"wamid.demo.{Guid.NewGuid():N}";
            await SendAsync(gateway, HttpMethod.Post, "/api/v1/messages", new
            {
                external_id = id,
                direction = "outbound",
                phone = person.Phone,
                text,
                source = ChannelName,
            });
            await MetaAsync("statuses", new
            {
                address,
                app_secret = appSecret,
                phone = person.Phone,
                message_id = id,
                statuses = (string[])["sent", "delivered", "read"],
            });
        }

        // the one that was made before, which gets the secret again that Meta signs with here
        private async Task<string> ChannelAsync()
        {
            var known = (await SendAsync(gateway, HttpMethod.Get, $"{Channels}?page_size=200", null)).GetProperty("channels").EnumerateArray()
                .FirstOrDefault(channel => channel.GetProperty("name").GetString() == ChannelName);
            var made = known.ValueKind is JsonValueKind.Undefined
                ? await SendAsync(gateway, HttpMethod.Post, Channels, new { name = ChannelName, app_secret = appSecret })
                : await SendAsync(gateway, HttpMethod.Patch, $"{Channels}/{known.GetProperty("id").GetString()}", new { app_secret = appSecret });
            return made.GetProperty("id").GetString()!;
        }

        private async Task MetaAsync(string control, object body)
        {
            var told = await SendAsync(meta, HttpMethod.Post, $"/_simulator/whatsapp/{control}", body);
            if (told.GetProperty("answers").EnumerateArray().FirstOrDefault(answer => answer.GetInt32() != 200) is { ValueKind: JsonValueKind.Number } refused)
            {
                throw new LaunchException($"The gateway's webhook for WhatsApp answered with {refused}.");
            }
        }

        private async Task<JsonElement> SendAsync(HttpClient http, HttpMethod method, string path, object? body)
        {
            using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
            using var answer = await http.SendAsync(request, cancellationToken);
            var text = await answer.Content.ReadAsStringAsync(cancellationToken);
            return answer.IsSuccessStatusCode
                ? JsonElement.Parse(text)
                : throw new LaunchException($"{method} {path} was answered with {(int)answer.StatusCode}: {text}");
        }
    }

    private sealed record Person(string Name, string Phone, IReadOnlyList<Line> Lines);

    private sealed record Line(bool IsInbound, string Text);
}
