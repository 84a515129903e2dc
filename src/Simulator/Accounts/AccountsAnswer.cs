using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ZohoPlatform.Simulator.Accounts;

/// <summary>Answers in the form and with the headers that have been recorded at Zoho Accounts.</summary>
internal static class AccountsAnswer
{
    public const string JsonType = "application/json;charset=UTF-8";

    private static readonly JsonSerializerOptions Unescaped = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IResult Json(JsonObject body, int status = StatusCodes.Status200OK) =>
        new NotStored(body.ToJsonString(Unescaped), status);

    public static IResult Throttled(SimulatorSettings settings) =>
        new NotStored(ThrottleBody(settings.ThrottleLocalised), settings.ThrottleStatus);

    public static string ThrottleBody(bool localised) => new JsonObject
    {
        ["error_description"] = localised
            ? "您连续请求次数过多。请稍后再试。"
            : "You have made too many requests continuously. Please try again after some time.",
        ["error"] = localised ? "拒绝访问" : "Access Denied",
        ["status"] = "failure",
    }.ToJsonString(Unescaped);

    private sealed class NotStored(string body, int status) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = status;
            httpContext.Response.ContentType = JsonType;
            httpContext.Response.Headers.CacheControl = "no-store";
            return httpContext.Response.WriteAsync(body, httpContext.RequestAborted);
        }
    }
}
