using Google.Protobuf.WellKnownTypes;
using ZohoPlatform.Providers.Zoho.Campaigns;
using Wire = ZohoPlatform.Contracts.Campaigns.V1;

namespace ZohoPlatform.CampaignsService.Results;

/// <summary>What was read from Zoho, in the words of the contract; what Zoho left out is left out.</summary>
internal static class WireResults
{
    public static Wire.MailingList ToWire(this MailingList list)
    {
        var wire = new Wire.MailingList { Key = list.Key, Name = list.Name };
        if (list.Contacts is { } contacts)
        {
            wire.Contacts = contacts;
        }

        if (list.Unsubscribed is { } unsubscribed)
        {
            wire.Unsubscribed = unsubscribed;
        }

        if (list.Bounced is { } bounced)
        {
            wire.Bounced = bounced;
        }

        return wire;
    }

    public static Wire.Subscriber ToWire(this ListSubscriber subscriber) => new()
    {
        Email = subscriber.Email,
        FirstName = subscriber.FirstName ?? "",
        LastName = subscriber.LastName ?? "",
        Company = subscriber.Company ?? "",
        Phone = subscriber.Phone ?? "",
        AddedAt = subscriber.AddedAt?.ToTimestamp(),
    };

    public static Wire.Campaign ToWire(this Campaign campaign) => new()
    {
        Key = campaign.Key,
        Name = campaign.Name,
        Status = campaign.Status ?? "",
        Subject = campaign.Subject ?? "",
        FromEmail = campaign.FromEmail ?? "",
        CreatedAt = campaign.CreatedAt?.ToTimestamp(),
        SentAt = campaign.SentAt?.ToTimestamp(),
    };

    public static Wire.CampaignReport ToWire(this CampaignReport report, string key, Timestamp readAt)
    {
        var wire = new Wire.CampaignReport
        {
            CampaignKey = key,
            CampaignName = report.Name ?? "",
            // the contract has no count that is not known; the rates that are made from one are left out
            Sent = report.Sent ?? 0,
            Delivered = report.Delivered ?? 0,
            Opened = report.Opened ?? 0,
            Clicked = report.Clicked ?? 0,
            HardBounces = report.HardBounces ?? 0,
            SoftBounces = report.SoftBounces ?? 0,
            Unsubscribed = report.Unsubscribed ?? 0,
            SpamReports = report.SpamReports ?? 0,
            Complaints = report.Complaints ?? 0,
            Forwarded = report.Forwarded ?? 0,
            Unsent = report.Unsent ?? 0,
            ReadAt = readAt,
        };
        foreach (var (location, contacts) in report.ByLocation)
        {
            wire.ByLocation[location] = contacts;
        }

        if (report.DeliveryRate is { } delivery)
        {
            wire.DeliveryRate = delivery;
        }

        if (report.OpenRate is { } open)
        {
            wire.OpenRate = open;
        }

        if (report.ClickRate is { } click)
        {
            wire.ClickRate = click;
        }

        if (report.ClickToOpenRate is { } clickToOpen)
        {
            wire.ClickToOpenRate = clickToOpen;
        }

        if (report.BounceRate is { } bounce)
        {
            wire.BounceRate = bounce;
        }

        if (report.UnsubscribeRate is { } unsubscribe)
        {
            wire.UnsubscribeRate = unsubscribe;
        }

        return wire;
    }

    public static RecipientAction FromWire(this Wire.RecipientAction action) => action switch
    {
        Wire.RecipientAction.Sent => RecipientAction.Sent,
        Wire.RecipientAction.Opened => RecipientAction.Opened,
        Wire.RecipientAction.Clicked => RecipientAction.Clicked,
        Wire.RecipientAction.Unopened => RecipientAction.Unopened,
        Wire.RecipientAction.Unsubscribed => RecipientAction.Unsubscribed,
        Wire.RecipientAction.Spam => RecipientAction.Spam,
        Wire.RecipientAction.HardBounce => RecipientAction.HardBounce,
        Wire.RecipientAction.SoftBounce => RecipientAction.SoftBounce,
        Wire.RecipientAction.Unsent => RecipientAction.Unsent,
        Wire.RecipientAction.Unspecified => throw new ArgumentOutOfRangeException(nameof(action)),
    };
}
