using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ZohoPlatform.Simulator.Control;

namespace ZohoPlatform.Simulator.WhatsApp;

/// <summary>What WhatsApp tells a company's webhook: that a person has written, and how far messages to them came.</summary>
internal static class WhatsAppControls
{
    private const int MostTimes = 10;
    private const int LongestText = 4096;
    private const int FewestDigits = 7;
    private const int MostDigits = 15;

    public static void MapWhatsApp(this IEndpointRouteBuilder controls)
    {
        controls.MapPost("/whatsapp/messages", SendMessage);
        controls.MapPost("/whatsapp/statuses", SendStatuses);
    }

    private static async Task<IResult> SendMessage(
        Body<MessageOrder> body, WhatsAppSender sender, TimeProvider clock, CancellationToken cancellationToken)
    {
        var order = body.Value;
        if (Read(order, out var address, out var person) is { } problem)
        {
            return problem;
        }

        if (order.Text is not { Length: > 0 and <= LongestText } text)
        {
            return ControlProblem.Of("text", $"1 to {LongestText} characters.");
        }

        var id = order.MessageId ?? NewId();
        var written = WhatsAppBody.Message(person, order.PhoneNumberId ?? WhatsAppBody.PhoneNumberId, id, text, clock.GetUtcNow());
        return await sender.SendAsync(address, order.AppSecret!, written, order.Times ?? 1, cancellationToken) is { } answers
            ? Results.Json(new Sent(id, answers))
            : NobodyThere();
    }

    private static async Task<IResult> SendStatuses(
        Body<StatusOrder> body, WhatsAppSender sender, TimeProvider clock, CancellationToken cancellationToken)
    {
        var order = body.Value;
        if (Read(order, out var address, out var person) is { } problem)
        {
            return problem;
        }

        if (order.MessageId is not { Length: > 0 } id)
        {
            return ControlProblem.Of("message_id", "The wamid of a message that was sent.");
        }

        var answers = new List<int>();
        foreach (var status in order.Statuses ?? [WhatsAppStatus.Sent, WhatsAppStatus.Delivered, WhatsAppStatus.Read])
        {
            var written = WhatsAppBody.Status(person, order.PhoneNumberId ?? WhatsAppBody.PhoneNumberId, id, status, clock.GetUtcNow());
            if (await sender.SendAsync(address, order.AppSecret!, written, order.Times ?? 1, cancellationToken) is not { } answered)
            {
                return NobodyThere();
            }

            answers.AddRange(answered);
        }

        return Results.Json(new Sent(id, answers));
    }

    private static IResult? Read(Order order, out Uri address, out WhatsAppPerson person)
    {
        (address, person) = (null!, null!);
        if (!Uri.TryCreate(order.Address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || !uri.IsLoopback)
        {
            return ControlProblem.Of("address", "Where the webhook is, on this machine: http://127.0.0.1:8080/webhooks/whatsapp/...");
        }

        if (string.IsNullOrEmpty(order.AppSecret))
        {
            return ControlProblem.Of("app_secret", "The secret of the Meta app that the channel was made with.");
        }

        var digits = order.Phone is null ? null : string.Concat(order.Phone.Where(char.IsAsciiDigit));
        if (digits is { Length: < FewestDigits or > MostDigits })
        {
            return ControlProblem.Of("phone", $"{FewestDigits} to {MostDigits} digits, with the country's code.");
        }

        if (digits is null && order.UserId is not { Length: > 0 })
        {
            return ControlProblem.Of("phone", "One of phone and user_id is needed.");
        }

        if (order.Times is < 1 or > MostTimes)
        {
            return ControlProblem.Of("times", $"Between 1 and {MostTimes}.");
        }

        address = uri;
        person = new(digits, order.UserId ?? UserIdOf(digits!), order.Name);
        return null;
    }

    // the same person's is the same one each time
    private static string UserIdOf(string digits) => string.Create(
        CultureInfo.InvariantCulture, $"US.{BitConverter.ToUInt64(SHA256.HashData(Encoding.ASCII.GetBytes(digits)))}");

    private static string NewId() => $"wamid.{Convert.ToBase64String(RandomNumberGenerator.GetBytes(36))}";

    private static IResult NobodyThere() => Results.Json(
        new ControlProblem("address", "Nobody answers there."), statusCode: StatusCodes.Status502BadGateway);

    private abstract record Order
    {
        public string? Address { get; init; }

        public string? AppSecret { get; init; }

        public string? PhoneNumberId { get; init; }

        public string? Phone { get; init; }

        public string? UserId { get; init; }

        public string? Name { get; init; }

        public string? MessageId { get; init; }

        public int? Times { get; init; }
    }

    private sealed record MessageOrder : Order
    {
        public string? Text { get; init; }
    }

    private sealed record StatusOrder : Order
    {
        public IReadOnlyList<WhatsAppStatus>? Statuses { get; init; }
    }
}

/// <summary>What was told of which message, and the status of each answer.</summary>
internal sealed record Sent(string MessageId, IReadOnlyList<int> Answers);
